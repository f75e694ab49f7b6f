// `tailwatt schema`: the JSON schema of run.json.
import type { Command } from 'commander'
import { printJson } from '../output.ts'

export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('the JSON schema of run.json')
    .action(async () => {
      const { runJsonSchema } = await import('../../index.ts')
      printJson(await runJsonSchema())
    })
}
