#!/usr/bin/env node
// The command line: verbs and flags, nothing else. Each verb's work is loaded when it is called, so that help is instant.
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { TailwattError } from '../index.ts'
import { exitOf, report } from './errors.ts'
import { addRun } from './verbs/run.ts'
import { addDoctor, addExplain, addList, addReport, addSchema, addShow, addZoo } from './verbs/small.ts'
import { addWatch } from './verbs/watch.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('tailwatt')
  .description('How slow is the tail of an AI inference, how many joules does an answer cost, and why.')
  .version(version)
  .exitOverride()
  .showHelpAfterError(false)
  .configureOutput({ outputError: () => undefined })
for (const add of [addRun, addWatch, addList, addShow, addReport, addDoctor, addZoo, addExplain, addSchema])
  add(program)

// A closed pipe (`tailwatt list | head`) is the reader's wish, and changes no exit status; a full disk behind `> file` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  report(new TailwattError('cannot-store', { path: 'to stdout', message: error.message }))
  process.exit(4)
})

// A terminal that is gone (SIGHUP) hears nothing more; the run still ends and is kept.
process.stderr.on('error', () => undefined)

try {
  await program.parseAsync(process.argv)
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exitCode = 0
  else {
    report(error, program.commands.find((command) => command.name() === process.argv[2])?.name())
    process.exitCode = exitOf(error)
  }
}
