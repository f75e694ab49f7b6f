// `tailwatt list`: the stored runs, newest first.
import type { Command } from 'commander'
import { withEnvironment } from '../environment.ts'
import { print, printJson, terminalStyle } from '../output.ts'

export function addList(program: Command): void {
  const list = program
    .command('list')
    .description('the runs there are, newest first')
    .option('--out <dir>', 'folder of the runs (default runs)')
    .option('--json', 'as JSON')
    .action(async (flags: { readonly json?: boolean; readonly out?: string }) => {
      const { listRuns } = await import('../../index.ts')
      const runs = await listRuns(flags.out)
      if (flags.json)
        printJson(runs.map(({ id, folder, name, started_at, state }) => ({ id, folder, name, started_at, state })))
      else print((await import('../../terminal/listings.ts')).runTable(runs, await terminalStyle()))
    })
  withEnvironment(list)
}
