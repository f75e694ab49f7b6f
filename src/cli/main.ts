#!/usr/bin/env node
// Loads the command line. Where so few files may be open that not even its modules can be, that is said.
import { describeError } from '../base/errors.ts'
import { isOutOfFiles, tooFewFiles } from '../host/open-files.ts'
import { complain } from './output.ts'

try {
  await import('./command-line.ts')
} catch (error) {
  if (!isOutOfFiles(error)) throw error
  const { title, remedy, exit } = describeError(tooFewFiles())
  complain(`tailwatt: ${title}. ${remedy}`)
  process.exitCode = exit
}
