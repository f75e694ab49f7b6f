// What cannot be meant is one sentence with what to do, exit status 2, and nothing on stdout.
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
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
  ['run ', 'the target is empty. See `tailwatt run --help`.'],
  ['run x --sensor y', "unknown option '--sensor'; did you mean --sensors? See `tailwatt run --help`."],
  [
    'run x --pue 11',
    "option '--pue <number>' argument '11' is invalid: it needs a number from 1 to 10, such as 1.2. See `tailwatt run --help`.",
  ],
  ['rnu zoo:mlp', "unknown command 'rnu'; did you mean run? See `tailwatt --help`."],
  ['help rnu', 'missing or unknown command. See `tailwatt --help`.'],
  ['zoo help lst', 'missing or unknown command. See `tailwatt zoo --help`.'],
  ['explain p98', 'no metric, finding or error is named p98. See `tailwatt explain --help`.'],
  ['zoo lst', "unknown command 'lst'; did you mean list? See `tailwatt zoo --help`."],
  [
    'run http://host/ --body a --body-file b',
    "option '--body <text>' cannot be used with option '--body-file <path>'. See `tailwatt run --help`.",
  ],
  ['run http://host:0/v1', 'nobody can listen on port 0. See `tailwatt run --help`.'],
  ['run ftp://me:s3cret@host/m', 'addresses begin with http:// or https://, not ftp://. See `tailwatt run --help`.'],
  [
    'run unix:/run/server.sock',
    'a server on a Unix socket cannot be measured; have it listen on a port of 127.0.0.1. See `tailwatt run --help`.',
  ],
  [
    'run zoo:mlp --live 0',
    "option '--live [port]' argument '0' is invalid: it needs a port from 1 to 65535. See `tailwatt run --help`.",
  ],
  ['run zoo:mlp --sensors +shelly:plug:0', 'shelly: nobody can listen on port 0. See `tailwatt run --help`.'],
  [
    'run zoo:mlp --sensors +dcgm:ftp://gpu/metrics',
    'dcgm: addresses begin with http:// or https://, not ftp://. See `tailwatt run --help`.',
  ],
  ['run http://host/ --body-file nowhere.json', 'there is no file nowhere.json. Check the path.'],
  [
    'zoo:mlp --for 5',
    "option '--for <time>' argument '5' is invalid: it needs a duration with its unit, such as 30s or 500ms. See `tailwatt run --help`.",
  ],
  ['./nowhere.onnx', 'there is no file ./nowhere.onnx. Check the path.'],
  // Flags that would do nothing.
  ['run zoo:mlp --timeout 5s', '--timeout is for HTTP endpoints, and this is a model. See `tailwatt run --help`.'],
  [
    'run http://host/ --no-spinning',
    '--no-spinning is for ONNX models, and this is an address. See `tailwatt run --help`.',
  ],
  ['run http://host/ --instances 2', '--instances is for models; use --concurrency. See `tailwatt run --help`.'],
  ['run zoo:mlp --arrivals poisson', '--arrivals does nothing without --rate. See `tailwatt run --help`.'],
  ['run zoo:mlp --pacing spin', '--pacing does nothing without --rate. See `tailwatt run --help`.'],
  [
    'run zoo:mlp --rate 5/s --concurrency 4',
    '--concurrency does nothing beside --rate, where requests queue for a free instance; use --instances. See `tailwatt run --help`.',
  ],
  ['run zoo:mlp --on-breach x', '--on-breach does nothing without --sla. See `tailwatt run --help`.'],
  ['run zoo:mlp --allow-estimates', '--allow-estimates does nothing without --sla. See `tailwatt run --help`.'],
  ['run http://127.0.0.1:9/ --keep-body', '--keep-body does nothing without --body. See `tailwatt run --help`.'],
  [
    'show demo:h100 --readings --pue 2',
    "option '--readings' cannot be used with option '--pue <number>'. See `tailwatt show --help`.",
  ],
  [
    'report demo:h100 --to x --json',
    "option '--to <file>' cannot be used with option '--json'. See `tailwatt report --help`.",
  ],
  ['show a b', "too many arguments for 'show'. Expected 1 argument but got 2. See `tailwatt show --help`."],
])('tailwatt %s', (args, sentence) => {
  const result = spawnSync(process.execPath, [main, ...args.split(' ')], { cwd: scratch, encoding: 'utf8' })
  expect(result).toMatchObject({ status: 2, stdout: '', stderr: `tailwatt: ${sentence}\n` })
})

test('our own words stay, whatever words a body has', () => {
  const body = '{"a":"tailwatt","b":"help","c":"tailwatt: nobody"}'
  const { status, stderr } = plain('run', 'http://host:0/v1', '--body', body, '--rate', '1/s', '--keep-body')
  expect(status).toBe(2)
  expect(stderr).toMatch(/^tailwatt: [^\n]*See `tailwatt run --help`\.\n$/)
})

const plain = (...args: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [main, ...args], { cwd: scratch, encoding: 'utf8', maxBuffer: 1 << 26 })

test('tailwatt alone says where to start, on a screen of 80 columns and 24 rows', () => {
  const { status, stdout, stderr } = plain()
  expect([status, stderr]).toEqual([0, ''])
  const lines = stdout.split('\n')
  expect(lines.length).toBeLessThan(24)
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  // Each command on it is one that there is.
  for (const [, verb] of stdout.matchAll(/tailwatt ([a-z]+) /g))
    if (verb !== 'measures') expect(plain('help', verb!).stdout).toContain(`Usage: tailwatt ${verb} `)
})

test('tailwatt zoo lists the zoo', () => {
  expect(plain('zoo')).toEqual({ ...plain('zoo', 'list'), pid: expect.anything() })
  expect(plain('zoo', '--json').stdout).toBe(plain('zoo', 'list', '--json').stdout)
  expect(plain('zoo', '--help').stdout).toContain('Usage: tailwatt zoo ')
})

test('report --to - writes the page to stdout, and nothing else anywhere', () => {
  const { status, stdout, stderr } = plain('report', 'demo:h100', '--to', '-')
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^<!doctype html>/i)
  expect(stdout.trimEnd()).toMatch(/<\/html>$/)
  expect(readdirSync(scratch).filter((name) => name === '-' || name === 'runs')).toEqual([])
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
