// What cannot be meant is one sentence with what to do, exit status 2, and nothing on stdout.
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findProgram, needs } from './requirement.ts'

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

const full = needs('dev-full', existsSync('/dev/full'), 'there is no /dev/full')

full('a disk that is full behind stdout ends with 4 and one sentence', () => {
  const stdout = openSync('/dev/full', 'w')
  const result = spawnSync(process.execPath, [main, 'list'], {
    cwd: scratch,
    encoding: 'utf8',
    stdio: ['ignore', stdout, 'pipe'],
  })
  closeSync(stdout)
  expect(result.status).toBe(4)
  expect(result.stderr).toMatch(/^tailwatt: cannot write to stdout: ENOSPC[^\n]*\n$/)
})

const anyone = process.getuid?.() === 0 && findProgram('setpriv') !== undefined
const nobody = needs('setpriv', anyone, 'only root can act as another user, with setpriv')

test('a cache folder that cannot be written ends with 4 and names the variable', () => {
  const env = { ...process.env, TAILWATT_CACHE: '/proc/self/none' }
  const build = [main, 'zoo', 'build', 'mlp']
  const result = spawnSync(process.execPath, build, { cwd: scratch, encoding: 'utf8', env })
  expect(result).toMatchObject({ status: 4, stdout: '' })
  expect(result.stderr).toMatch(/^tailwatt: cannot keep .*set TAILWATT_CACHE[^\n]*\n$/)
})

nobody('so does one that may not even be looked into', () => {
  const folder = join(scratch, 'closed')
  mkdirSync(folder, { mode: 0o700 })
  const as = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath]
  const result = spawnSync('setpriv', [...as, main, 'zoo', 'build', 'mlp'], {
    cwd: '/',
    encoding: 'utf8',
    env: { ...process.env, TAILWATT_CACHE: join(folder, 'cache') },
  })
  expect(result.stderr).toMatch(/^tailwatt: cannot keep .*EACCES.*set TAILWATT_CACHE[^\n]*\n$/)
  expect(result.status).toBe(4)
})
