// All verbs with their flags. Each verb's work is loaded when it is called, so that help is instant.
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { misspelt } from './misspelling.ts'
import { complain, print } from './output.ts'
import { addRun } from './verbs/run.ts'
import { addList } from './verbs/list.ts'
import { addSchema } from './verbs/schema.ts'
import { addExplain } from './verbs/explain.ts'
import { addZoo } from './verbs/zoo.ts'
import { addDoctor } from './verbs/doctor.ts'
import { addReport } from './verbs/report.ts'
import { addShow } from './verbs/show.ts'
import { addWatch } from './verbs/watch.ts'

export function createProgram(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const program = new Command('tailwatt')
    .description('How slow is the tail of an AI inference, how many joules does an answer cost, and why.')
    .version(version)
    .exitOverride()
    .showHelpAfterError(false)
    .configureOutput({ outputError: () => undefined, writeErr: () => undefined, writeOut: print })
  for (const add of [addRun, addWatch, addList, addShow, addReport, addDoctor, addZoo, addExplain, addSchema])
    add(program)
  return program.hook('preAction', () => {
    for (const sentence of misspelt(program, process.env)) complain(`tailwatt: ${sentence}`)
  })
}
