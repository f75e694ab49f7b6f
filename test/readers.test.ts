// Several processes that open the same killed run at the same moment: one stores it, and all get the same document.
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { RunDocument } from '../dist/run/document.js'
import type { RequestChunk } from '../dist/run/table.js'
import { allocate, tables } from '../dist/store/columns.js'
import { Journal } from '../dist/store/journal.js'
import { takeLock } from '../dist/store/lock.js'

const main = join(import.meta.dirname, '../dist/cli/main.js')
const script = join(import.meta.dirname, 'fixtures/open-run.mjs')
const killed = join(import.meta.dirname, 'fixtures/runs/v1-killed')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-readers-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(scratch, { recursive: true, force: true })
})

const readers = 8
const large = 100_000

/** A killed run of so many requests; its writer's lock is still there. */
function killedRun(name: string, rows: number): string {
  const folder = join(scratch, name)
  cpSync(killed, folder, { recursive: true })
  takeLock(folder, 'measure')
  const lock = join(folder, 'lock')
  // Of a process that has ended since.
  writeFileSync(lock, JSON.stringify({ ...(JSON.parse(readFileSync(lock, 'utf8')) as object), started: '1' }))
  if (rows === 600) return folder
  rmSync(join(folder, 'journal.bin'))
  const journal = new Journal(join(folder, 'journal.bin'))
  for (let from = 0; from < rows; from += 1000) {
    const chunk = allocate(tables.requests, 1000) as RequestChunk
    for (let i = 0; i < 1000; i++) {
      chunk.id[i] = from + i
      chunk.batch[i] = 1
      chunk.scheduled[i] = chunk.ready[i] = chunk.started[i] = (from + i) * 1e6
      chunk.done[i] = (from + i) * 1e6 + 400_000 + 1000 * ((i * 7919) % 101)
      chunk.first[i] = chunk.seen[i] = chunk.engine[i] = Number.NaN
    }
    journal.append('requests', chunk)
  }
  journal.close()
  return folder
}

interface Answer {
  readonly state?: string
  readonly document?: string
  readonly rows?: number
  readonly notStored?: string
  readonly error?: string
}

const answer = (child: ChildProcess): Promise<Answer> =>
  new Promise((resolve) => child.once('message', (message) => resolve(message as Answer)))

describe.skipIf(process.platform !== 'linux')('readers of a killed run', () => {
  test('all get the same document, byte for byte, in many rounds', async () => {
    const started = Array.from({ length: readers }, () => fork(script))
    children.push(...started)
    await Promise.all(started.map(answer))
    for (let round = 0; round < 20; round++) {
      const rows = round % 5 === 4 ? large : 600
      const folder = killedRun(`round-${round}`, rows)
      const answers = started.map(answer)
      for (const child of started) child.send(folder)
      const got = await Promise.all(answers)
      const stored = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as RunDocument
      expect([stored.state, stored.requests.sent]).toEqual(['recovered', rows])
      const text = JSON.stringify(stored)
      for (const { document, ...rest } of got) {
        expect(rest, `round ${round}`).toEqual({ state: 'complete', rows })
        expect(document === text, `round ${round}: the same document`).toBe(true)
      }
      const tidied = readdirSync(folder).filter((name) => !/^run\.json$|\.parquet$/.test(name))
      expect(tidied, `round ${round}`).toEqual([])
      rmSync(folder, { recursive: true })
    }
  })

  test('so do those who call the command at the same moment', async () => {
    const folder = killedRun('command', large)
    const show = (): Promise<string> => {
      const child = spawn(process.execPath, [main, 'show', folder, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
      children.push(child)
      let text = ''
      child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
      return new Promise((resolve) => child.on('close', () => resolve(text)))
    }
    const texts = await Promise.all(Array.from({ length: readers }, show))
    const { state, requests } = JSON.parse(texts[0]!) as RunDocument
    expect([state, requests.sent]).toEqual(['recovered', large])
    expect(new Set(texts).size).toBe(1)
    expect(existsSync(join(folder, 'journal.bin'))).toBe(false)
  })
})
