import { expect, test } from 'vitest'
import type { RunEvent } from '../../run/event.ts'
import type { LoadFacts } from '../../run/manifest.ts'
import type { CertificateReason, LatencySeries } from '../../run/sections/latency.ts'
import { allocateRequests } from '../../run/table.ts'
import { certify, reasonText } from './certificate.ts'
import { Rows } from './rows.ts'

const p99 = (value: number): LatencySeries =>
  ({ p50: { value }, p99: { value }, max: { value } }) as unknown as LatencySeries
const event = (kind: string, data: object): RunEvent => ({ recording: 0, t: 0, kind, data }) as unknown as RunEvent

interface Sent {
  readonly askedPerS?: number
  /** Requests go out at 100/s, this many at a time. */
  readonly atOnce?: number
  readonly lateMs?: number
  readonly events?: readonly RunEvent[]
}

function reasonsOf({ askedPerS = 100, atOnce = 1, lateMs = 0, events = [] }: Sent): readonly CertificateReason[] {
  const chunk = allocateRequests(100)
  for (let i = 0; i < chunk.length; i++) {
    const t = Math.floor(i / atOnce) * atOnce * 10e6
    for (const column of [chunk.scheduled, chunk.ready, chunk.started, chunk.done]) column[i] = t
  }
  const load = { mode: 'open', rate_per_s: askedPerS, arrivals: 'constant' } as unknown as LoadFacts
  const { valid, reasons } = certify({
    load,
    rows: new Rows([chunk]),
    events,
    response: p99(5),
    sendDelay: p99(lateMs),
    stamped: false,
  })
  expect(valid).toBe(reasons.length === 0)
  return reasons
}

const codes = (sent: Sent): readonly string[] => reasonsOf(sent).map(({ code }) => code)

test('a load that was sent as asked has no reason against it', () => {
  expect(codes({})).toEqual([])
})

test('each thing that can be wrong has its code', () => {
  expect(codes({ askedPerS: 200 })).toEqual(['rate-missed'])
  expect(codes({ lateMs: 3 })).toEqual(['sent-late'])
  expect(codes({ atOnce: 4 })).toEqual(['arrivals'])
  expect(codes({ events: [event('overflow', { lost: 7 })] })).toEqual(['rows-lost'])
  const busy = event('host_usage', { thread: 'load-0', cpu_s: 1, spin_s: 0, wall_s: 1 })
  expect(codes({ events: [busy], lateMs: 3 })).toEqual(['sent-late', 'client-saturated'])
})

/** A closed loop of 4 in which the target has each request for 8 ms and the client lets `idle` ms pass before the next. */
function closedLoop(idle: number, stamped: boolean, length = 400): readonly CertificateReason[] {
  const chunk = allocateRequests(length)
  for (let i = 0; i < chunk.length; i++) {
    const start = Math.floor(i / 4) * (8 + idle) * 1e6
    for (const column of [chunk.scheduled, chunk.ready, chunk.started]) column[i] = start
    chunk.done[i] = start + 8e6
  }
  const load = { mode: 'closed', concurrency: 4, rate_per_s: null, arrivals: null } as unknown as LoadFacts
  return certify({ load, rows: new Rows([chunk]), events: [], response: p99(8), sendDelay: p99(0), stamped }).reasons
}

test('a closed loop in which the target has fewer requests than asked is the client’s fault', () => {
  expect(closedLoop(0, true)).toEqual([])
  expect(closedLoop(0.3, true)).toEqual([])
  expect(closedLoop(2, true)).toEqual([
    {
      code: 'client-behind',
      title: 'of 4 requests outstanding 3.19 were with the target, the others waited for the client',
      advice: 'leave a core to the load, or use a lower --concurrency',
    },
  ])
  // A run of a few rounds is mostly its begin and its end.
  expect(closedLoop(2, true, 60)).toEqual([])
  // Without the kernel's stamps what the client loses looks like the target's time.
  expect(closedLoop(2, false)).toEqual([])
})

test('a load thread that waits for a CPU is told, an instance that does is not', () => {
  const waited = (thread: string, waited_s: number | null) =>
    codes({ events: [event('host_usage', { thread, cpu_s: 1, spin_s: 0, wall_s: 10, waited_s })] })
  expect(waited('load-0', 3)).toEqual(['client-starved'])
  expect(waited('load-0', 0.5)).toEqual([])
  expect(waited('load-0', null)).toEqual([])
  expect(waited('instance-0', 3)).toEqual([])
})

test('what is wrong and what to do stand apart, and read as one sentence', () => {
  const [late] = reasonsOf({ lateMs: 3 })
  expect(late).toEqual({
    code: 'sent-late',
    title: 'requests were sent late by us: p99 3.00 ms (allowed 1.00 ms)',
    advice: 'leave a core to the load, or use --pacing spin',
  })
  expect(reasonText(late!)).toBe(`${late!.title}; ${late!.advice}`)
  expect(reasonText({ code: 'rows-lost', title: '7 rows were lost' })).toBe('7 rows were lost')
})
