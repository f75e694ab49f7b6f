// A run survives `kill -9`: of tailwatt itself and of its load host, at random moments. At most the last second is lost.
import { fork } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Random } from '../src/base/random.ts'

const script = join(import.meta.dirname, 'fixtures/profile-steady.mjs')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-kill-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const moments = 50
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Pids of the children of a process. */
function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((tid) =>
    readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
}

const alive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

interface Killed {
  readonly out: string
  /** True ends of all requests finished a second or more before the kill. */
  readonly finished: number
  readonly hostPid: number
}

async function killAt(index: number, afterMs: number, victim: 'main' | 'host'): Promise<Killed> {
  const out = join(scratch, `${victim}-${index}`)
  const log = join(scratch, `${victim}-${index}.log`)
  const child = fork(script, [out, log, '30s'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', (code) => reject(new Error(`ended before the load began: ${code}`)))
  })
  await sleep(afterMs)
  const hostPid = childrenOf(child.pid!)[0]!
  const at = process.hrtime.bigint()
  process.kill(victim === 'main' ? child.pid! : hostPid, 'SIGKILL')
  await new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const ends = readFileSync(log, 'utf8').split('\n').filter(Boolean).map(BigInt)
  return { out, finished: ends.filter((end) => end <= at - 1_000_000_000n).length, hostPid }
}

/** Each moment with its random delay, ms; two at a time. */
async function atEach(seed: number, check: (index: number, afterMs: number) => Promise<void>): Promise<void> {
  const random = new Random(seed)
  const delays = Array.from({ length: moments }, () => 2500 * random.uniform())
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < moments) {
      const index = next++
      await check(index, delays[index]!)
    }
  }
  await Promise.all([lane(), lane()])
}

describe.skipIf(process.platform !== 'linux')('a killed run', () => {
  test('keeps all but the last second when tailwatt is killed at 50 random moments', { timeout: 600_000 }, async () => {
    const { openRun } = await import('../dist/index.js')
    await atEach(1, async (index, afterMs) => {
      const killed = await killAt(index, afterMs, 'main')
      const run = await openRun('latest', { out: killed.out })
      expect(run.document.requests.sent).toBeGreaterThanOrEqual(killed.finished)
      expect(run.document.state).toBe('recovered')
      // The load host notices that its parent is gone and ends by itself.
      for (let tries = 0; alive(killed.hostPid) && tries < 100; tries++) await sleep(50)
      expect(alive(killed.hostPid)).toBe(false)
    })
  })

  test(
    'keeps all but the last second when the load host is killed at 50 random moments',
    { timeout: 600_000 },
    async () => {
      const { openRun } = await import('../dist/index.js')
      await atEach(2, async (index, afterMs) => {
        const killed = await killAt(index, afterMs, 'host')
        const run = await openRun('latest', { out: killed.out })
        expect(run.document.requests.sent).toBeGreaterThanOrEqual(killed.finished)
        expect(run.document.state).toBe('failed')
        expect(run.document.failure?.code).toBe('target-crashed')
      })
    },
  )
})
