// What cannot be meant is one sentence with what to do, exit status 2, and nothing on stdout.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const main = join(import.meta.dirname, '../dist/cli/main.js')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-usage-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test.each([
  ['runn x', "unknown command 'runn'; did you mean run? See `tailwatt --help`."],
  ['run', "missing required argument 'target'. See `tailwatt run --help`."],
  ['run x --sensor y', "unknown option '--sensor'; did you mean --sensors? See `tailwatt run --help`."],
  [
    'run x --pue 11',
    "option '--pue <number>' argument '11' is invalid: it needs a number from 1 to 10, such as 1.2. See `tailwatt run --help`.",
  ],
  ['show a b', "too many arguments for 'show'. Expected 1 argument but got 2. See `tailwatt show --help`."],
])('tailwatt %s', (args, sentence) => {
  const result = spawnSync(process.execPath, [main, ...args.split(' ')], { cwd: scratch, encoding: 'utf8' })
  expect(result).toMatchObject({ status: 2, stdout: '', stderr: `tailwatt: ${sentence}\n` })
})
