// The command line: verbs and flags, nothing else. Importing it does what the arguments say.
import { CommanderError } from 'commander'
import { TailwattError } from '../index.ts'
import { exitOf, report } from './errors.ts'
import { print } from './output.ts'
import { createProgram } from './program.ts'
import { fullArguments } from './shorthand.ts'
import { startPage } from './start-page.ts'

// A closed pipe (`tailwatt list | head`) is the reader's wish, and changes no exit status; a full disk behind `> file` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  report(new TailwattError('cannot-store', { path: 'to stdout', message: error.message }))
  process.exit(4)
})

// A terminal that is gone (SIGHUP) hears nothing more; the run still ends and is kept.
process.stderr.on('error', () => undefined)

const program = createProgram()
const args = fullArguments(program, process.argv.slice(2))
if (args.length === 0) print(startPage)
else {
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) process.exitCode = 0
    else {
      report(error, program.commands.find((command) => command.name() === args[0])?.name())
      process.exitCode = exitOf(error)
    }
  }
}
