// Run folders that somebody else has filled: at each name a link, a pipe, a device, a folder or a file of 5 GB, through the
// command line. Each is answered at once, with one sentence or not at all, and nothing outside the folder changes.
import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const main = join(import.meta.dirname, '../dist/cli/main.js')
const fixtures = join(import.meta.dirname, 'fixtures/runs')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-hostile-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** What a link leads to, and must not change. */
const outside = mkdtempSync(join(scratch, 'outside-'))
const precious = join(outside, 'precious')
writeFileSync(precious, 'precious')

/** How something is put at a path; false where this machine cannot. */
const things: Readonly<Record<string, (path: string) => boolean>> = {
  'a link to a file': (path) => (symlinkSync(precious, path), true),
  'a link to nothing': (path) => (symlinkSync(join(outside, 'new'), path), true),
  'a link to an endless device': (path) => (symlinkSync('/dev/zero', path), true),
  'a pipe': (path) => spawnSync('mkfifo', [path]).status === 0,
  'a device': (path) => spawnSync('mknod', [path, 'c', '1', '5']).status === 0,
  'a folder': (path) => (mkdirSync(path), true),
  'a file of 5 GB': (path) => (writeFileSync(path, ''), truncateSync(path, 5e9), true),
}

const tables = ['requests.parquet', 'batches.parquet', 'samples.parquet', 'events.parquet']
const unfinished = ['run.json.part', 'requests.parquet.part', 'report.html.part', 'run.json.0123456789ab.part']
const finished = ['run.json', 'journal.bin', 'lock', ...tables, 'report.html']
/** Only a killed run has files that are still to be written. */
const namesOf = (of: Case['of']): readonly string[] => (of === 'v1' ? finished : [...finished, ...unfinished])

interface Answer {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Killed, and then without a status, when it hangs. */
function tailwatt(args: readonly string[]): Promise<Answer> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: scratch,
    env: { ...process.env, NO_COLOR: '1' },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part))
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })))
}

interface Case {
  readonly of: 'v1' | 'v1-killed'
  readonly name: string
  readonly thing: string
}

/** What is right: shown (0), refused (2), or not written (4); `stored` whether a killed run is finished on the disk. */
function expected({ of, name, thing }: Case): {
  readonly show: number
  readonly report: number
  readonly stored: boolean
} {
  const killed = of === 'v1-killed'
  const shown = { show: 0, report: 0, stored: true }
  if (name === 'run.json') return { show: 2, report: 2, stored: !killed }
  // Its first bytes are no frame: a run without rows.
  if (name === 'journal.bin')
    return killed && thing !== 'a file of 5 GB' ? { show: 2, report: 2, stored: false } : shown
  if (tables.includes(name) && !killed) return { ...shown, report: 2 }
  if (thing === 'a folder' && killed && (name === 'lock' || tables.includes(name))) return { ...shown, stored: false }
  if (name === 'report.html' && thing === 'a folder') return { ...shown, report: 4 }
  return shown
}

const sentences = (text: string): number => text.split('\n').filter(Boolean).length

/** The runs of a folder, each with something else at one of its names. */
function prepared(of: Case['of'], thing: string): { readonly out: string; readonly cases: readonly Case[] } {
  const out = mkdtempSync(join(scratch, 'runs-'))
  const cases = namesOf(of).map((name) => ({ of, name, thing }))
  for (const { name } of cases) {
    const folder = join(out, name)
    cpSync(join(fixtures, of), folder, { recursive: true })
    rmSync(join(folder, name), { force: true })
    if (!things[thing]!(join(folder, name))) return { out, cases: [] }
  }
  return { out, cases }
}

async function check(out: string, one: Case): Promise<void> {
  const what = JSON.stringify(one)
  const folder = join(out, one.name)
  const right = expected(one)
  const show = await tailwatt(['show', folder, '--json'])
  expect(show.status, `${what} ${show.stderr}`).toBe(right.show)
  expect(sentences(show.stderr), `${what} ${show.stderr}`).toBe(right.show === 0 && right.stored ? 0 : 1)
  if (right.show === 0) {
    const document = JSON.parse(show.stdout) as { id: string; requests: { sent: number } }
    expect(document.requests.sent, what).toBe(one.name === 'journal.bin' && one.of === 'v1-killed' ? 0 : 600)
  }
  if (one.of === 'v1-killed' && right.show === 0)
    expect(existsSync(join(folder, 'journal.bin')), what).toBe(!right.stored)
  const report = await tailwatt(['report', folder])
  expect(report.status, `${what} ${report.stderr}`).toBe(right.report)
  expect(sentences(report.stderr), `${what} ${report.stderr}`).toBe(right.report === 0 && right.stored ? 0 : 1)
  if (right.report !== 0) return
  const page = join(folder, 'report.html')
  expect(lstatSync(page).isFile(), what).toBe(true)
  expect(readFileSync(page, 'utf8').slice(0, 15), what).toBe('<!doctype html>')
}

describe.skipIf(process.platform === 'win32').each(['v1', 'v1-killed'] as const)('a run folder (%s) with', (of) => {
  test.each(Object.keys(things))('%s at any of its names', { timeout: 600_000 }, async (thing) => {
    const { out, cases } = prepared(of, thing)
    if (cases.length === 0) process.stderr.write(`skipped: this user cannot make ${thing}\n`)
    else {
      const list = await tailwatt(['list', '--out', out, '--json'])
      expect(list.status, list.stderr).toBe(0)
      expect(list.stderr).toBe('')
      // All but the one whose run.json cannot be read.
      expect((JSON.parse(list.stdout) as unknown[]).length).toBe(cases.length - 1)
    }
    const left = [...cases]
    const lane = async (): Promise<void> => {
      for (let one = left.pop(); one; one = left.pop()) await check(out, one)
    }
    await Promise.all([lane(), lane(), lane()])
    expect(readdirSync(outside)).toEqual(['precious'])
    expect(readFileSync(precious, 'utf8')).toBe('precious')
  })
})
