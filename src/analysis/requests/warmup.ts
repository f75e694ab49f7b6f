// Cold start and steady state: how long the first answer takes from nothing, and from which request on the run is what
// it stays. Only a prefix may be cut.
import { steadyState, type SteadyState } from '../../stats/steady-state.ts'
import { meanInterval } from '../../stats/mean.ts'
import { phaseCode } from '../../run/table.ts'
import type { RunEvent } from '../../run/event.ts'
import type { Figure } from '../../run/figure.ts'
import type { ColdStart } from '../../run/sections/latency.ts'
import type { Rows } from './rows.ts'

export interface Warmup {
  readonly state: SteadyState
  /** Requests of the load, in send order, before the steady part. */
  readonly prefix: number
  readonly segments: ColdStart['segments']
  /** Seconds from the load's first planned request to the first that counts. */
  readonly prefixSeconds: number
}

/** @param zero of the times in it, ns since the epoch */
export function findWarmup(rows: Rows, zero: number): Warmup {
  const load = phaseCode('load')
  const service = new Float64Array(rows.length)
  const planned = new Float64Array(rows.length)
  const order = new Float64Array(rows.length)
  let ok = 0
  let all = 0
  rows.each((chunk, row) => {
    if (chunk.phase[row] !== load) return
    if (chunk.status[row] === 0) {
      service[ok] = Math.max(1, chunk.done[row]! - chunk.started[row]!)
      planned[ok] = chunk.scheduled[row]!
      order[ok] = all
      ok++
    }
    all++
  })
  const state = steadyState(service.subarray(0, ok))
  const since = (index: number): number => (planned[Math.min(index, ok - 1)]! - zero) / 1e9
  return {
    state,
    prefix: state.prefix === 0 ? 0 : order[state.prefix]!,
    prefixSeconds: state.prefix === 0 ? 0 : since(state.prefix),
    segments: state.segments.map(({ from, to, level }) => ({
      from_request: order[from]!,
      to_request: order[to - 1]! + 1,
      from_s: since(from),
      to_s: since(to),
      level_ms: level / 1e6,
    })),
  }
}

/** @param steadyP50 median service time after the prefix, ms */
export function coldStart(events: readonly RunEvent[], warmup: Warmup, steadyP50: number | null): ColdStart {
  const trials = events.flatMap((event) =>
    event.kind === 'cold_start' ? [(event as RunEvent<'cold_start'>).data] : [],
  )
  const of = (read: (trial: (typeof trials)[number]) => number): Figure | null => meanFigure(trials.map(read))
  return {
    process_ms: of((trial) => trial.process_ms),
    load_ms: of((trial) => trial.load_ms),
    session_ms: of((trial) => trial.session_ms),
    first_inference_ms: of((trial) => trial.first_inference_ms),
    total_ms: of((trial) => trial.process_ms + trial.load_ms + trial.session_ms + trial.first_inference_ms),
    steady_p50_ms: steadyP50,
    penalty_ms: steadyP50 === null ? null : of((trial) => trial.first_inference_ms - steadyP50),
    verdict: warmup.state.verdict,
    steady_after:
      warmup.state.verdict === 'flat' || warmup.state.verdict === 'warm-up'
        ? { requests: warmup.prefix, s: warmup.prefixSeconds }
        : null,
    segments: warmup.segments,
  }
}

/** Mean over fresh processes with Student's interval; open for a single trial, null for none that is known. */
function meanFigure(values: readonly number[]): Figure | null {
  const known = values.filter((value) => Number.isFinite(value))
  if (known.length === 0) return null
  const { mean, half, n } = meanInterval(known)
  if (half === null) return { value: mean, low: null, high: null, n, unit: 'ms' }
  return { value: mean, low: mean - half, high: mean + half, n, unit: 'ms' }
}
