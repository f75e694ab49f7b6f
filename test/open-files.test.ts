// Where too few files may be open: one sentence that says how many it takes, from whatever fails first.
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { needs } from './requirement.ts'

const main = join(import.meta.dirname, '../dist/cli/main.js')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-files-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** `ulimit -n` lowers the hard limit too: Node raises the soft one to it. */
const limited = (files: number, ...args: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(
    'sh',
    ['-c', 'ulimit -n "$1" && shift && exec "$@"', 'sh', String(files), process.execPath, main, ...args],
    {
      cwd: scratch,
      encoding: 'utf8',
    },
  )

const onLinux = needs('linux', process.platform === 'linux', 'limits of a process are read from /proc')
const run = ['run', 'zoo:mlp', '--requests', '5', '--cold', '1', '--idle', '0', '--quiet']

onLinux.each([
  [24, run],
  [32, run],
  [64, run],
  [128, run],
  [32, ['list']],
  [128, ['watch', '--for', '1s']],
  [128, ['doctor']],
])('%i files for %j', (files, args) => {
  const result = limited(files, ...args)
  const sentence =
    'tailwatt: the limit of open files (?:\\(\\d+\\) )?is too low: this needs 176\\. Raise it first: ulimit -n 176\\n'
  expect(result.stderr).toMatch(new RegExp(`^${sentence}$`))
  expect(result).toMatchObject({ status: 4, stdout: '' })
  expect(readdirSync(scratch)).toEqual([])
})

onLinux('connections count', () => {
  const result = limited(1024, 'run', 'http://127.0.0.1:9/', '--concurrency', '2000', '--quiet')
  expect(result).toMatchObject({ status: 4, stdout: '' })
  expect(result.stderr).toBe(
    'tailwatt: the limit of open files (1024) is too low: this needs 2080. Raise it first: ulimit -n 2080\n',
  )
})

test('what it says is enough is enough', () => {
  const result = limited(176, 'watch', '--for', '500ms', '--json')
  expect([result.status, result.stderr]).toEqual([0, ''])
  expect(limited(176, 'list').status).toBe(0)
})
