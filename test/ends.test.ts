// How a run ends: by itself, by a signal to the whole process group, by a target that leaves; each time with every row that
// was measured, and with nothing left running.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, existsSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { http, module, profile } from '../dist/index.js'
import { collect, modelPart, nodePart, valuePart } from '../dist/onnx/write.js'
import type { RunDocument } from '../dist/run/document.js'
import type { RequestChunk } from '../dist/run/table.js'
import { tables } from '../dist/store/columns.js'
import { readTable } from '../dist/store/parquet.js'
import { Random } from '../src/base/random.ts'
import { needs, needsEngine } from './requirement.ts'

const main = join(import.meta.dirname, '../dist/cli/main.js')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-ends-'))
const children: ChildProcess[] = []
const servers: Server[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const server of servers) server.close()
  rmSync(scratch, { recursive: true, force: true })
})
const target = (name: string): string => pathToFileURL(join(import.meta.dirname, `fixtures/targets/${name}.mjs`)).href
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const rowsOf = async (folder: string): Promise<RequestChunk[]> =>
  (await readTable(join(folder, 'requests.parquet'), tables.requests)) as RequestChunk[]
const count = (chunks: readonly RequestChunk[]): number => chunks.reduce((sum, { length }) => sum + length, 0)

const withEngine = needsEngine()
const withGroups = needs('linux', process.platform === 'linux', 'process groups and /proc are those of Linux')

interface Started {
  readonly child: ChildProcess
  stderr: string
  stdout: string
  readonly ended: Promise<number | null>
}

/** The command line as leader of a process group of its own, as a shell starts it. */
function started(args: readonly string[]): Started {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: scratch,
    detached: true,
    env: { ...process.env, NO_COLOR: '1' },
  })
  children.push(child)
  const run: Started = {
    child,
    stderr: '',
    stdout: '',
    ended: new Promise((resolve) => child.on('close', (status) => resolve(status))),
  }
  child.stderr.on('data', (part: Buffer) => (run.stderr += part.toString()))
  child.stdout.on('data', (part: Buffer) => (run.stdout += part.toString()))
  return run
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition() && tries < 1000; tries++) await sleep(20)
  expect(condition()).toBe(true)
}

/** Command lines of the processes of a group, or of all, that still run. */
const commandLines = (group?: number): readonly string[] =>
  readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (state === 'Z' || (group !== undefined && Number(pgrp) !== group)) return []
      return [readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')]
    } catch {
      // It ended meanwhile.
      return []
    }
  })

const endsThere = (out: string): readonly string[] => (existsSync(out) ? readdirSync(out) : [])

async function shown(out: string): Promise<RunDocument> {
  const show = started(['show', 'latest', '--out', out, '--json'])
  expect(await show.ended).toBe(0)
  return JSON.parse(show.stdout) as RunDocument
}

describe('the end of a fast model', () => {
  const requests = 60_000

  withEngine('keeps every row of a model that takes microseconds, every time', async () => {
    const model = join(scratch, 'identity.onnx')
    const graph = [nodePart('Identity', 'node', ['x'], ['y']), valuePart(11, 'x', 1, [1]), valuePart(12, 'y', 1, [1])]
    writeFileSync(model, collect(modelPart('identity', 17, graph)))
    for (let round = 0; round < 10; round++) {
      const out = join(scratch, `fast-${round}`)
      const run = started([
        'run',
        model,
        '--requests',
        String(requests),
        '--cold',
        '1',
        '--json',
        '--quiet',
        '--out',
        out,
      ])
      expect(await run.ended, run.stderr).toBe(0)
      const document = JSON.parse(run.stdout) as RunDocument
      expect(document.requests).toMatchObject({ sent: requests, ok: requests })
      expect(document.load_certificate.overflow).toBe(0)
      expect(count(await rowsOf(join(out, readdirSync(out)[0]!)))).toBe(requests)
      rmSync(out, { recursive: true })
    }
  })

  test('keeps every row of an endpoint that answers at once, the first included', async () => {
    const path = join(scratch, 'at-once.mjs')
    writeFileSync(
      path,
      `const outcome = { status: 0, sizeIn: 0, sizeOut: 0, engine: NaN }
       const prepare = async () => ({ facts: {}, timings: { load_ms: 0, session_ms: 0 } })
       const target = { prepare, send: async () => outcome, close: async () => {} }
       export const provider = { kind: 'x', flow: 'async', inspect: async () => ({ name: 'x' }), open: async () => ({ flow: 'async', target }) }`,
    )
    for (let round = 0; round < 12; round++) {
      const { folder, document } = await profile({
        target: module(pathToFileURL(path).href),
        load: round % 2 === 0 ? {} : { mode: 'open', rate: 1000 },
        requests: 50,
        cold: 1,
        sensors: [],
        out: join(scratch, 'at-once'),
      })
      expect(document.requests).toMatchObject({ sent: 50, ok: 50 })
      expect(document.unmeasured.filter(({ what }) => what === 'damaged rows')).toEqual([])
      for (const chunk of await rowsOf(folder))
        for (let i = 0; i < chunk.length; i++) expect(chunk.started[i]).toBeGreaterThanOrEqual(chunk.scheduled[i]!)
    }
  })

  // More threads than the machine has CPUs: each is held up for milliseconds between any two steps.
  test.each([4, 9])('keeps every row of four instances with %i requests outstanding', async (concurrency) => {
    for (let round = 0; round < 3; round++) {
      const run = await profile({
        target: module(target('hasty'), { pauseUs: 5 }),
        instances: 4,
        load: { concurrency },
        requests: 4 * requests,
        cold: 1,
        out: join(scratch, 'instances'),
      })
      expect(run.document.requests).toMatchObject({ sent: 4 * requests, ok: 4 * requests })
      const seen = new Uint8Array(4 * requests)
      for (const chunk of await rowsOf(run.folder)) for (let i = 0; i < chunk.length; i++) seen[chunk.id[i]!]!++
      expect(seen.every((times) => times === 1)).toBe(true)
    }
  })
})

describe('a target that leaves', () => {
  test('ends the run with what it did and with every row until then', async () => {
    const run = await profile({
      target: module(target('hasty'), { leaveAt: 500 }),
      for: '30s',
      cold: 1,
      out: join(scratch, 'leaves'),
    })
    expect(run.document.state).toBe('failed')
    expect(run.document.failure).toMatchObject({ code: 'target-crashed' })
    expect(String(run.document.failure?.data['message'])).toContain('ended its thread (exit code 7)')
    expect(count(await rowsOf(run.folder))).toBe(500)
  })

  test('at its first request is a failure at the start', async () => {
    const leaving = profile({ target: module(target('hasty'), { leaveAt: 0 }), cold: 1, out: join(scratch, 'start') })
    await expect(leaving).rejects.toMatchObject({ code: 'target-failed' })
    expect(endsThere(join(scratch, 'start'))).toEqual([])
  })
})

describe('a module of the user’s with a fault is a failed target, not a bug', () => {
  const ready = `prepare: async () => ({ facts: {}, timings: { load_ms: 0, session_ms: 0 } }), close: async () => {}`
  const answered = '{ status: 0, sizeIn: 0, sizeOut: 0, engine: NaN }'
  const inspect = `inspect: async () => ({ name: 'x' })`
  const faulty = (flow: string, method: string): string =>
    `let n = 0
     export const provider = { kind: 'x', flow: '${flow}', ${inspect}, open: async () => ({ flow: '${flow}', target: { ${ready}, ${method} } }) }`

  test.each([
    ['lacks inspect', `export const provider = { kind: 'x', flow: 'blocking' }`],
    ['lacks open', `export const provider = { kind: 'x', flow: 'blocking', ${inspect} }`],
    ['lacks what answers', faulty('blocking', 'more: 1')],
    ['throws at once', faulty('blocking', `infer: () => { throw new Error('no weights') }`)],
    ['answers nothing at once', faulty('async', 'send: async () => undefined')],
  ])('at the start: it %s', async (what, source) => {
    const path = join(scratch, `${what.replaceAll(' ', '-')}.mjs`)
    writeFileSync(path, source)
    const out = join(scratch, what)
    const run = started(['run', path, '--cold', '1', '--quiet', '--out', out])
    expect(await run.ended, run.stderr).toBe(3)
    expect(run.stderr).toMatch(/^tailwatt: the target failed at the start: [^\n]+\n$/)
    expect(run.stderr).not.toContain('report this')
    expect(endsThere(out)).toEqual([])
  })

  test.each([
    ['answers without a status', faulty('blocking', `infer: () => n++ === 0 ? ${answered} : {}`)],
    ['answers nothing', faulty('blocking', `infer: () => n++ === 0 ? ${answered} : undefined`)],
    ['answers with a status of its own', faulty('async', `send: async () => n++ === 0 ? ${answered} : { status: 42 }`)],
    [
      'throws',
      faulty('async', `send: () => { if (n++ === 0) return Promise.resolve(${answered}); throw new Error('x') }`),
    ],
    ['answers without waiting', faulty('async', `send: () => n++ === 0 ? Promise.resolve(${answered}) : 7`)],
  ])('later: it %s, which is no success', async (what, source) => {
    // Fewer than make a run be given up early.
    const path = join(scratch, `${what.replaceAll(' ', '-')}.mjs`)
    writeFileSync(path, source)
    const run = started([
      'run',
      path,
      '--requests',
      '90',
      '--cold',
      '1',
      '--json',
      '--quiet',
      '--out',
      join(scratch, what),
    ])
    expect(await run.ended, run.stderr).toBe(3)
    expect((JSON.parse(run.stdout) as RunDocument).requests).toMatchObject({ sent: 90, ok: 0, failed: 90 })
  })
})

describe('a signal to the whole process group', () => {
  const steady = join(import.meta.dirname, 'fixtures/targets/steady.mjs')

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    withGroups(`${signal} means interrupted: a summary, 130, and the run is kept`, async () => {
      const out = join(scratch, signal)
      const run = started(['run', steady, '--for', '60s', '--cold', '1', '--out', out])
      await until(() => /requests/.test(run.stderr))
      process.kill(-run.child.pid!, signal)
      // `timeout` signals its child and then the group.
      process.kill(-run.child.pid!, signal)
      expect(await run.ended, run.stderr).toBe(130)
      expect(run.stdout).toContain('interrupted')
      const document = await shown(out)
      expect(document.state).toBe('interrupted')
      expect(document.requests.ok).toBeGreaterThan(0)
      const exits = document.findings.filter(({ id }) => id.includes('crash'))
      expect(exits).toEqual([])
      await until(() => commandLines(run.child.pid!).length === 0)
    })

  withGroups('at any moment of a run is never taken for a crash', { timeout: 600_000 }, async () => {
    const random = new Random(7)
    for (let round = 0; round < 24; round++) {
      const out = join(scratch, `moment-${round}`)
      const afterMs = 1800 * random.uniform()
      const run = started(['run', steady, '--for', '60s', '--cold', '2', '--idle', '0', '--out', out])
      await sleep(afterMs)
      process.kill(-run.child.pid!, round % 2 === 0 ? 'SIGTERM' : 'SIGHUP')
      const status = await run.ended
      // Before the first line of ours runs, the signal is the system's to answer.
      if (status === null) continue
      expect(status, `${afterMs} ms: ${run.stderr}`).toBe(130)
      if (endsThere(out).length > 0) expect((await shown(out)).state).toBe('interrupted')
      else expect(run.stderr).toContain('interrupted before the first request')
    }
  })

  withGroups('ends a run whose target never comes back from native code; the rows are kept', async () => {
    const out = join(scratch, 'stuck')
    const stuck = join(import.meta.dirname, 'fixtures/targets/stuck.mjs')
    const run = started(['run', stuck, '--for', '60s', '--cold', '1', '--idle', '0', '--out', out])
    const inGroup = (name: string): boolean => commandLines(run.child.pid!).some((line) => line.includes(name))
    await until(() => inGroup('sleep 2010'))
    run.child.kill('SIGTERM')
    expect(await run.ended, run.stderr).toBe(130)
    expect((await shown(out)).requests.ok).toBe(100)
    await until(() => !inGroup('load-host'))
    process.kill(-run.child.pid!, 'SIGKILL')
  })

  withGroups('a second one, later, ends at once what would not end; the rows are kept', async () => {
    const out = join(scratch, 'second')
    const slow = ['run', steady, '--for', '60s', '--cold', '1', '--sla', 'p50<1us', '--on-breach', 'sleep 1000']
    const run = started([...slow, '--out', out])
    // The command on breach is waited for at the end.
    await until(() => commandLines().some((line) => line.startsWith('sleep 1000')))
    process.kill(-run.child.pid!, 'SIGTERM')
    await sleep(1500)
    process.kill(-run.child.pid!, 'SIGTERM')
    expect(await run.ended).toBe(130)
    const document = await shown(out)
    expect(document.requests.ok).toBeGreaterThan(0)
    await until(() => !commandLines().some((line) => line.startsWith('sleep 1000')))
  })
})

describe('the command on breach', () => {
  const steady = join(import.meta.dirname, 'fixtures/targets/steady.mjs')
  const run = (command: string, seconds: number): Started =>
    started([
      'run',
      steady,
      '--for',
      `${seconds}s`,
      '--cold',
      '1',
      '--sla',
      'p50<1us',
      '--on-breach',
      command,
      '--quiet',
    ])

  withGroups('ends with its whole process group, in time', async () => {
    const hanging = run('sleep 2001 & sleep 2002; echo never', 2)
    await until(() => commandLines().some((line) => line.startsWith('sleep 2001')))
    expect(await hanging.ended).toBe(5)
    await until(() => !commandLines().some((line) => /^sleep 200[12]/.test(line)))
  })

  withGroups('leaves nothing in the background behind', async () => {
    expect(await run('sleep 2003 & exit 3', 2).ended).toBe(5)
    await until(() => !commandLines().some((line) => line.startsWith('sleep 2003')))
  })

  withGroups('stands on no command line but that of tailwatt itself', async () => {
    const key = `key-${process.hrtime.bigint()}`
    const proof = join(scratch, 'proof')
    const keyed = run(`key=${key}; sleep 1; echo "$key" > ${proof}; cat >> ${proof}`, 4)
    const seen = new Set<string>()
    while (!existsSync(proof)) {
      for (const line of commandLines()) if (line.includes(key)) seen.add(line)
      await sleep(20)
    }
    expect(await keyed.ended).toBe(5)
    expect([...seen].every((line) => line.includes('--on-breach'))).toBe(true)
    const [said, facts] = readFileSync(proof, 'utf8').split('\n')
    expect(said).toBe(key)
    expect(JSON.parse(facts!)).toMatchObject({ rule: 'p50<1us' })
  })
})

describe('a reader that goes away', () => {
  test('changes no exit status of a run', async () => {
    const broken = ['run', target('hasty').replace('file://', ''), '--requests', '1000', '--cold', '1', '--quiet']
    const run = started([...broken, '--sla', 'p50<1ns', '--idle', '0'])
    run.child.stdout!.destroy()
    expect(await run.ended, run.stderr).toBe(5)
    expect(run.stderr).toBe('')
  })

  test('ends a watch', async () => {
    const watching = started(['watch', '--hz', '5', '--json'])
    await until(() => watching.stdout.includes('\n'))
    watching.child.stdout!.destroy()
    expect(await watching.ended).toBe(0)
  })
})

describe('times', () => {
  test('the first byte comes no later than the last, and the zero is the first planned request', async () => {
    let answered = 0
    const server = createServer((_, response) => {
      response.write('one')
      // Every other answer comes in two pieces.
      if (answered++ % 2 === 0) response.end()
      else setTimeout(() => response.end('two'), 3)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { folder, document } = await profile({
      target: http(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
      load: { mode: 'open', rate: 100 },
      requests: 200,
      cold: 2,
      includeWarmup: true,
      out: join(scratch, 'times'),
    })
    let zero = Number.POSITIVE_INFINITY
    let pieces = 0
    let largest = { ms: 0, at: 0 }
    for (const chunk of await rowsOf(folder))
      for (let i = 0; i < chunk.length; i++) {
        const [scheduled, started, first, done] = [
          chunk.scheduled[i]!,
          chunk.started[i]!,
          chunk.first[i]!,
          chunk.done[i]!,
        ]
        expect(started).toBeGreaterThanOrEqual(scheduled)
        expect(first).toBeGreaterThanOrEqual(started)
        expect(done).toBeGreaterThanOrEqual(first)
        if (done - first > 1e6) pieces++
        zero = Math.min(zero, scheduled)
        if (done - scheduled > largest.ms) largest = { ms: done - scheduled, at: done }
      }
    expect(pieces).toBeGreaterThan(50)
    expect(document.latency_ms.max!.at_s).toBe((largest.at - zero) / 1e9)
    expect(document.recordings[0]!.from).toBe(zero)
    expect(document.duration_s).toBeGreaterThanOrEqual(document.latency_ms.max!.at_s)
  })
})
