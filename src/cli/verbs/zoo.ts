// `tailwatt zoo`: the reference models and where they are built.
import type { Command } from 'commander'
import { withEnvironment } from '../environment.ts'
import { print, printJson, printLine, terminalStyle } from '../output.ts'

export function addZoo(program: Command): void {
  const zoo = program.command('zoo').description('reference models, built here')
  const list = zoo
    .command('list')
    .description('the models with their sizes and costs')
    .option('--json', 'as JSON')
    .action(async (flags: { readonly json?: boolean }) => {
      const { zooListing } = await import('../../index.ts')
      const rows = await zooListing()
      if (flags.json) printJson(rows)
      else print((await import('../../terminal/listings.ts')).zooTable(rows, await terminalStyle()))
    })
  withEnvironment(list)
  zoo
    .command('build <name>')
    .description('build a model into the cache and say where it is')
    .action(async (name: string) => {
      const { buildZoo } = await import('../../index.ts')
      printLine(await buildZoo(name))
    })
}
