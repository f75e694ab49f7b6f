// What a measurement would have noted along the way: phases, clocks, cold starts, what carrying the load cost.
import type { EventData, EventKind, RunEvent } from '../run/event.ts'
import { quantiles } from '../stats/quantile.ts'
import type { Readings } from './samples.ts'
import { trialEnd } from './schedule.ts'
import type { Truth } from './truth.ts'
import { ownId } from '../run/recording.ts'

/** Unix time of the epoch, ms: when a demo run pretends to have been. */
export const epochWallMs: number = Date.UTC(2026, 0, 15, 12)
/** Since boot at the epoch, ns. */
const bootNs = 912_345e9

const event = <Kind extends EventKind>(t: number, kind: Kind, data: EventData[Kind]): RunEvent<Kind> => ({
  recording: ownId,
  t,
  kind,
  data,
})

export function eventsOf(truth: Truth, readings: Readings): readonly RunEvent[] {
  const { schedule, loadTo, end } = truth
  const idleAfter = { from: loadTo + schedule.settle, to: loadTo + schedule.settle + schedule.idle }
  const phase = (name: string, { from, to }: { readonly from: number; readonly to: number }): readonly RunEvent[] => [
    event(from, 'phase', { name, edge: 'begin' }),
    event(to, 'phase', { name, edge: 'end' }),
  ]
  const clocks = Array.from({ length: Math.ceil((end - schedule.characterise.from) / 1e9) }, (_, second) => {
    const t = schedule.characterise.from - 0.1e9 + second * 1e9
    return event(t, 'clock', { wall_ms: epochWallMs + t / 1e6, boot_ns: bootNs + t })
  })
  const trials = schedule.trials.map((trial, index) =>
    event(trialEnd(trial), 'cold_start', {
      trial: index + 1,
      process_ms: trial.process,
      load_ms: trial.load,
      session_ms: trial.session,
      first_inference_ms: trial.first,
    }),
  )
  return [
    ...clocks,
    ...phase('characterise', schedule.characterise),
    ...phase('idle-before', schedule.idleBefore),
    ...trials,
    ...phase('load', { from: schedule.loadFrom, to: loadTo }),
    ...phase('idle-after', idleAfter),
    ...accounts(truth, readings),
  ].sort((a, b) => a.t - b.t)
}

function accounts(truth: Truth, { gaps, meter }: Readings): readonly RunEvent[] {
  const { schedule, loadTo, end } = truth
  const [gap50, gap99, gapMax] = quantiles(
    Float64Array.from(gaps, (ns) => ns / 1e6),
    [0.5, 0.99, 1],
  )
  const [trip50, tripMax] = quantiles(
    Float64Array.from(meter.half, (ns) => ns / 1e6),
    [0.5, 1],
  )
  return [
    event(loadTo, 'host_usage', {
      thread: 'instance-0',
      cpu_s: truth.between('targetCpu', schedule.loadFrom, loadTo),
      wall_s: (loadTo - schedule.loadFrom) / 1e9,
      spin_s: 0,
    }),
    event(loadTo + 20e6, 'host_exit', { code: 0, signal: null, expected: true }),
    event(end, 'sensor_timing', {
      id: 'shelly',
      n: meter.half.length,
      half_round_trip_p50_ms: trip50!,
      half_round_trip_max_ms: tripMax!,
    }),
    event(end, 'self_usage', {
      cpu_s: truth.between('selfCpu', schedule.begin, end),
      wall_s: (end - schedule.begin) / 1e9,
      drain_lag_p99_ms: 212,
      sample_gap_p50_ms: gap50!,
      sample_gap_p99_ms: gap99!,
      sample_gap_max_ms: gapMax!,
    }),
  ]
}
