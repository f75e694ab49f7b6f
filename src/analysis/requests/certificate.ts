// Was the load that was sent the load that was asked for? Waiting for a busy target is the target's; being late although
// it could have been sent is ours, and is judged here.
import { arrivalShape } from '../../stats/dispersion.ts'
import { formatNumber } from '../../units/quantity.ts'
import { phaseCode } from '../../run/table.ts'
import type { RunEvent } from '../../run/event.ts'
import type { CertificateReason, LoadCertificate, LatencySeries } from '../../run/sections/latency.ts'
import type { LoadFacts } from '../../run/manifest.ts'
import type { Rows } from './rows.ts'

/** Our own lateness may make up this share of the tail it is part of, or this long, whichever is more. */
const lateShare = 0.1
const lateMs = 1
/** The share of the requests outstanding that must be with the target, and after how many rounds of all of them it can be told. */
const leastOutstanding = 0.95
const leastRounds = 20
/** Share of the time that a load thread may wait for a CPU. */
const mostWaiting = 0.1
/** The share of the rate asked that may be missing. */
const rateShare = 0.02

export interface CertificateInput {
  readonly load: LoadFacts
  /** Whether the kernel says when answers came: else a late client looks like a slow target. */
  readonly stamped: boolean
  readonly rows: Rows
  readonly events: readonly RunEvent[]
  readonly response: LatencySeries
  readonly sendDelay: LatencySeries
}

export function certify(input: CertificateInput): LoadCertificate {
  const { load, rows, events, response, sendDelay } = input
  const sent = sentTimes(rows)
  const reasons: CertificateReason[] = []
  const achieved = sent.perSecond
  const asked = load.rate_per_s
  const slack =
    asked === null ? 0 : Math.max(rateShare, load.arrivals === 'poisson' ? 4 / Math.sqrt(sent.times.length) : 0)
  if (asked !== null && sent.times.length > 1 && achieved < asked * (1 - slack)) {
    reasons.push({
      code: 'rate-missed',
      title: `the rate of ${formatNumber(asked)}/s was not reached: ${formatNumber(achieved)}/s were sent`,
      advice: 'use a lower --rate, or more --instances',
    })
  }
  const delay = sendDelay.p99.value
  const allowed = Math.max(lateMs, lateShare * (response.p99.value ?? 0))
  if (delay !== null && delay > allowed) {
    reasons.push({
      code: 'sent-late',
      title: `requests were sent late by us: p99 ${formatNumber(delay)} ms (allowed ${formatNumber(allowed)} ms)`,
      advice: 'leave a core to the load, or use --pacing spin',
    })
  }
  const shape = load.mode === 'open' ? (arrivalShape(sent.times) ?? null) : null
  const arrivalsOk = shape === null || arrivalsFit(load, shape, sent.times.length)
  if (!arrivalsOk && shape) {
    reasons.push({
      code: 'arrivals',
      title:
        `the arrivals were not ${load.arrivals}: variation ${formatNumber(shape.cv)}, correlation ${formatNumber(shape.lag1)}, ` +
        `dispersion ${formatNumber(shape.dispersion)}`,
      advice: 'use --pacing spin, or a lower --rate',
    })
  }
  const overflow = events.reduce((sum, event) => sum + (event.kind === 'overflow' ? lostRows(event) : 0), 0)
  if (overflow > 0)
    reasons.push({
      code: 'rows-lost',
      title: `${overflow} rows were lost because the disk or the main process could not follow`,
    })
  const saturated = clientSaturated(events)
  if (saturated)
    reasons.push({
      code: 'client-saturated',
      title: 'a load thread was busy all the time: the client, not the target, may be the limit',
      advice: 'use --load-threads 2, or more, on a host with CPUs to spare',
    })
  const behind = clientBehind(input)
  if (behind) reasons.push(behind)
  const waiting = waitingShare(events)
  if (waiting > mostWaiting)
    reasons.push({
      code: 'client-starved',
      title: `the load thread waited for a CPU ${formatNumber(waiting * 100)} % of the time`,
      advice: 'leave a core to the load',
    })
  return {
    asked_per_s: asked,
    achieved_per_s: achieved,
    send_delay_ms: { p50: sendDelay.p50.value, p99: delay, max: sendDelay.max?.value ?? null },
    arrivals: shape,
    arrivals_ok: arrivalsOk,
    client_saturated: saturated,
    overflow,
    valid: reasons.length === 0,
    reasons,
  }
}

/** What is wrong, and what to do about it. */
export const reasonText = ({ title, advice }: CertificateReason): string =>
  advice === undefined ? title : `${title}; ${advice}`

/** When each request would have been sent by a free target: planned time plus our own lateness; and the rate of starts. */
function sentTimes(rows: Rows): { readonly times: Float64Array; readonly perSecond: number } {
  const load = phaseCode('load')
  const times = new Float64Array(rows.length)
  let n = 0
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  rows.each((chunk, row) => {
    if (chunk.phase[row] !== load) return
    const started = chunk.started[row]!
    times[n++] = chunk.scheduled[row]! + started - chunk.ready[row]!
    if (started < first) first = started
    if (started > last) last = started
  })
  const seconds = (last - first) / 1e9
  return { times: times.subarray(0, n).sort(), perSecond: n > 1 && seconds > 0 ? (n - 1) / seconds : 0 }
}

function arrivalsFit(load: LoadFacts, shape: { cv: number; lag1: number; dispersion: number }, n: number): boolean {
  const noise = 4 / Math.sqrt(n)
  if (load.arrivals === 'poisson')
    return (
      Math.abs(shape.cv - 1) < 0.05 + noise &&
      Math.abs(shape.lag1) < 0.05 + noise &&
      shape.dispersion < 1.25 + 3 * noise
    )
  return shape.cv < 0.3
}

const lostRows = (event: RunEvent): number => (event as RunEvent<'overflow'>).data.lost

/**
 * Closed loop: as many requests as asked are to be with the target at all times. Those that were not were with us: seen late, or not
 * sent yet.
 */
function clientBehind({ load, rows, stamped }: CertificateInput): CertificateReason | undefined {
  if (load.mode !== 'closed' || !stamped || rows.length < leastRounds * load.concurrency) return undefined
  const outstanding = meanOutstanding(rows)
  if (!(outstanding < leastOutstanding * load.concurrency)) return undefined
  return {
    code: 'client-behind',
    title: `of ${load.concurrency} requests outstanding ${formatNumber(outstanding)} were with the target, the others waited for the client`,
    advice: 'leave a core to the load, or use a lower --concurrency',
  }
}

/** Requests that the target had at a time, from the first answer to the last start; NaN where some failed, or for no time. */
function meanOutstanding(rows: Rows): number {
  const load = phaseCode('load')
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  let failed = false
  rows.each((chunk, row) => {
    if (chunk.phase[row] !== load) return
    failed ||= chunk.status[row] !== 0
    from = Math.min(from, chunk.done[row]!)
    to = Math.max(to, chunk.started[row]!)
  })
  if (failed || !(to > from)) return Number.NaN
  let sum = 0
  rows.each((chunk, row) => {
    if (chunk.phase[row] !== load) return
    sum += Math.max(0, Math.min(chunk.done[row]!, to) - Math.max(chunk.started[row]!, from))
  })
  return sum / (to - from)
}

/** Of a load thread, the largest. */
function waitingShare(events: readonly RunEvent[]): number {
  return events.reduce((most, event) => {
    if (event.kind !== 'host_usage') return most
    const { thread, waited_s, wall_s } = (event as RunEvent<'host_usage'>).data
    return thread.startsWith('load-') && wall_s > 0.5 && typeof waited_s === 'number' && waited_s / wall_s > most
      ? waited_s / wall_s
      : most
  }, 0)
}

function clientSaturated(events: readonly RunEvent[]): boolean {
  return events.some((event) => {
    if (event.kind !== 'host_usage') return false
    const { thread, cpu_s, spin_s, wall_s } = (event as RunEvent<'host_usage'>).data
    return thread.startsWith('load-') && wall_s > 0.5 && (cpu_s - spin_s) / wall_s > 0.9
  })
}
