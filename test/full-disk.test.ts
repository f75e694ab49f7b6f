// Disks that are full or cannot be written: what was measured is shown all the same, and stored when there is room.
import { spawnSync, type SpawnSyncOptions } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { RunDocument } from '../dist/run/document.js'
import { needs } from './requirement.ts'

const main = join(import.meta.dirname, '../dist/cli/main.js')
const target = join(import.meta.dirname, 'fixtures/targets/steady.mjs')
const killed = join(import.meta.dirname, 'fixtures/runs/v1-killed')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-disk-'))
// For those who are not root below.
chmodSync(scratch, 0o755)
const mounts: string[] = []
afterAll(() => {
  for (const path of mounts) spawnSync('umount', [path])
  rmSync(scratch, { recursive: true, force: true })
})
const fresh = (): string => {
  const folder = mkdtempSync(join(scratch, 'runs-'))
  chmodSync(folder, 0o755)
  return folder
}

interface Answer {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function call(command: string, args: readonly string[], options: SpawnSyncOptions = {}): Answer {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: scratch,
    env: { ...process.env, NO_COLOR: '1' },
    ...options,
    encoding: 'utf8',
  })
  return { status, stdout: String(stdout), stderr: String(stderr) }
}

const tailwatt = (args: readonly string[], options?: SpawnSyncOptions): Answer =>
  call(process.execPath, [main, ...args], options)

const run = (out: string, requests: number): readonly string[] => [
  'run',
  target,
  '--requests',
  String(requests),
  '--cold',
  '1',
  '--idle',
  '0',
  '--sensors',
  'none',
  '--quiet',
  '--out',
  out,
]

/** No file grows beyond so many bytes: a full disk that everybody can have. */
const within = (bytes: number, args: readonly string[]): Answer =>
  call('sh', [
    '-c',
    `trap '' XFSZ; ulimit -f ${Math.round(bytes / 512)}; exec "$@"`,
    'sh',
    process.execPath,
    main,
    ...args,
  ])

const document = (text: string): RunDocument => JSON.parse(text) as RunDocument
const onlyRun = (out: string): string => join(out, readdirSync(out)[0]!)

describe.skipIf(process.platform === 'win32')('a disk that is full', () => {
  test('in mid-run ends it; what was measured until then is shown, and is a run', () => {
    const out = fresh()
    const ended = within(64 << 10, [...run(out, 5000), '--json'])
    expect(ended.status, ended.stderr).toBe(4)
    expect(ended.stderr).toMatch(/^tailwatt: cannot write \S+journal\.bin: the file would become too large\. .*\n$/)
    const shown = document(ended.stdout)
    expect(shown.state).toBe('failed')
    expect(shown.failure?.code).toBe('cannot-store')
    expect(shown.requests.sent).toBeGreaterThan(100)
    expect(shown.requests.sent).toBeLessThan(5000)
    expect(shown.unmeasured.find(({ what }) => what === 'last rows')?.reason).toBe(
      'they could not be stored: the file would become too large',
    )
    const stored = tailwatt(['show', onlyRun(out), '--json'])
    expect(stored.status, stored.stderr).toBe(0)
    expect(document(stored.stdout).requests).toEqual(shown.requests)
    expect(document(stored.stdout).latency_ms).toEqual(shown.latency_ms)
    expect(document(stored.stdout).state).toBe('failed')
  })

  test('at the end leaves the document to the next opening', () => {
    const out = fresh()
    const ended = within(16 << 10, run(out, 100))
    expect(ended.status, ended.stderr).toBe(4)
    expect(ended.stderr).toMatch(/^tailwatt: cannot write \S+run\.json: the file would become too large\. .*\n$/)
    expect(ended.stdout).toContain('100 requests')
    const folder = onlyRun(out)
    expect(existsSync(join(folder, 'journal.bin'))).toBe(true)
    expect(readdirSync(folder).filter((name) => name.endsWith('.part') || name === 'lock')).toEqual([])
    const shown = tailwatt(['show', folder, '--json'])
    expect(shown.stderr).toBe('')
    expect(document(shown.stdout)).toMatchObject({ state: 'complete', requests: { sent: 100 } })
    expect(existsSync(join(folder, 'journal.bin'))).toBe(false)
  })

  test('before the first request leaves no folder and no figure', () => {
    const out = fresh()
    const ended = within(1024, run(out, 100))
    expect(ended.status, ended.stderr).toBe(4)
    expect(ended.stdout).toBe('')
    expect(ended.stderr).toMatch(/^tailwatt: cannot write \S+: the file would become too large\. .*\n$/)
    expect(readdirSync(out)).toEqual([])
  })
})

/** A small file system in memory; `undefined` where this user cannot mount one. */
function disk(size: string): string | undefined {
  const path = fresh()
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', path]).status !== 0) return undefined
  mounts.push(path)
  return path
}
const mounting = process.platform === 'linux' && disk('64k') !== undefined
const withMounts = needs('mount', mounting, 'this user cannot mount a tmpfs')
const remount = (path: string, options: string): void =>
  expect(spawnSync('mount', ['-o', `remount,${options}`, path]).status).toBe(0)

withMounts('a file system that is full in mid-run gives its run once it has room', () => {
  const out = disk('160k')!
  const ended = tailwatt([...run(out, 5000), '--json'])
  expect(ended.status, ended.stderr).toBe(4)
  expect(ended.stderr).toMatch(/^tailwatt: cannot write \S+: the disk is full\. .*\n$/)
  const { sent } = document(ended.stdout).requests
  expect(sent).toBeGreaterThan(100)
  const folder = onlyRun(out)
  const unstored = tailwatt(['show', folder, '--json'])
  expect(unstored.status, unstored.stderr).toBe(0)
  expect(unstored.stderr).toMatch(
    /^tailwatt: cannot write \S+: the disk is full\. The run was analysed in memory; nothing was stored\.\n$/,
  )
  expect(document(unstored.stdout).requests.sent).toBe(sent)
  expect(readdirSync(folder).sort()).toEqual(['journal.bin', 'run.json'])
  remount(out, 'size=20m')
  const stored = tailwatt(['show', folder, '--json'])
  expect(stored.stderr).toBe('')
  expect(stored.stdout).toBe(unstored.stdout)
  expect(readdirSync(folder)).not.toContain('journal.bin')
})

/** Names and contents of a folder. */
const contents = (folder: string): unknown =>
  readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')])

function expectReadable(folder: string, reason: string, options: SpawnSyncOptions, to: string): Answer {
  const before = contents(folder)
  const says = new RegExp(
    `^tailwatt: cannot write \\S+: ${reason}\\. The run was analysed in memory; nothing was stored\\.\n$`,
  )
  const show = tailwatt(['show', folder, '--json'], options)
  expect(show.status, show.stderr).toBe(0)
  expect(show.stderr).toMatch(says)
  expect(document(show.stdout)).toMatchObject({ state: 'recovered', requests: { sent: 600 } })
  const list = tailwatt(['list', '--out', join(folder, '..'), '--json'], options)
  expect(JSON.parse(list.stdout)).toMatchObject([{ folder, state: 'dead' }])
  const refused = tailwatt(['report', folder], options)
  expect(refused.status, refused.stderr).toBe(4)
  expect(refused.stderr).toBe(
    `tailwatt: cannot write ${join(folder, 'report.html')}: ${reason}. Free space, or name another file with --to.\n`,
  )
  const report = tailwatt(['report', folder, '--to', to], options)
  expect(report.status, report.stderr).toBe(0)
  expect(report.stderr).toMatch(says)
  expect(readFileSync(to, 'utf8').slice(0, 15)).toBe('<!doctype html>')
  expect(contents(folder)).toEqual(before)
  return show
}

withMounts('a killed run on a read-only file system is shown and reported, and stored where it can be', () => {
  const out = disk('10m')!
  const folder = join(out, 'example')
  cpSync(killed, folder, { recursive: true })
  remount(out, 'ro')
  const show = expectReadable(folder, 'the file system is read-only', {}, join(fresh(), 'page.html'))
  remount(out, 'rw')
  const stored = tailwatt(['show', folder, '--json'])
  expect(stored.stderr).toBe('')
  expect(stored.stdout).toBe(show.stdout)
})

/** Root may write everywhere: as nobody then, if nobody may run this. */
const options: SpawnSyncOptions = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const runnable = process.platform !== 'win32' && tailwatt(['--version'], options).status === 0
const withoutRights = needs('unprivileged', runnable, 'only root may read this folder')

withoutRights('so is one in a folder of somebody else', () => {
  const folder = join(fresh(), 'example')
  cpSync(killed, folder, { recursive: true })
  chmodSync(folder, 0o555)
  const to = fresh()
  mkdirSync(join(to, 'pages'))
  chmodSync(join(to, 'pages'), 0o777)
  expectReadable(folder, 'permission denied', options, join(to, 'pages/page.html'))
  chmodSync(folder, 0o755)
})
