// The energy of a window of live readings, by the same analysis as a run's: this is the one place where a ring of
// samples meets `analysis/`. Long windows are summed from segments; short ones are bounded by the readings around them.
import { analyseEnergy } from '../analysis/energy/energy.ts'
import { scaled } from '../analysis/energy/figures.ts'
import type { Channel } from '../run/channel.ts'
import type { Figure } from '../run/figure.ts'
import type { Measured } from '../run/ports.ts'
import type { SampleRing } from './sample-ring.ts'

/** Joules by scope; `total` is the host's best account, nothing counted twice. */
export interface WindowEnergy {
  readonly seconds: number
  readonly total: Figure | null
  readonly system: Figure | null
  readonly cpu: Figure | null
  readonly gpu: Figure | null
}

const scopes = ['total', 'system', 'cpu', 'gpu'] as const

/** @param only channels that count; all when left out. Times are ns since the epoch. */
export function energyBetween(
  ring: SampleRing,
  channels: readonly Channel[],
  from: number,
  to: number,
  only?: (channel: Channel) => boolean,
): WindowEnergy {
  const seconds = (to - from) / 1e9
  if (!(seconds > 0)) return { seconds: 0, total: null, system: null, cpu: null, gpu: null }
  // A channel that is left out keeps its place in the list, so that the rows still fit, but counts nothing.
  const counted = only ? channels.map((channel) => (only(channel) ? channel : mute(channel))) : channels
  const measured = {
    manifest: { channels: counted, unmeasured: [] },
    requests: [],
    batches: [],
    samples: [ring.between(from, to)],
    events: [],
  } as unknown as Measured
  const { power, energy } = analyseEnergy(measured, { from, to, inferences: 0, flopsPerInference: null })
  const joules = (watts: Figure | null): Figure | null => watts && scaled(watts, seconds, 'J')
  return {
    seconds,
    total: energy.total_j,
    system: joules(power.system_w),
    cpu: joules(power.cpu_w),
    gpu: joules(power.gpu_w),
  }
}

const mute = (channel: Channel): Channel => ({
  id: channel.id,
  sensor: channel.sensor,
  quantity: 'count',
  unit: '1',
  kind: 'gauge',
  scope: 'host',
})

/** Mean power of a window. */
export const meanWatts = (joules: Figure | null, seconds: number): Figure | null =>
  joules && seconds > 0 ? scaled(joules, 1 / seconds, 'W') : null

/** The energy of segments that follow each other. */
export const sumSegments = (segments: readonly WindowEnergy[]): WindowEnergy => ({
  seconds: segments.reduce((sum, { seconds }) => sum + seconds, 0),
  ...(Object.fromEntries(
    scopes.map((scope) => [scope, sumFigures(segments.map(({ seconds, [scope]: figure }) => ({ seconds, figure })))]),
  ) as Pick<WindowEnergy, (typeof scopes)[number]>),
})

interface Segment {
  readonly seconds: number
  readonly figure: Figure | null
}

// Systematic parts add up, and so do the statistical ones here: wider than need be, never narrower. A segment without a
// measurement is taken to be like the others, and may be nothing or twice as much. Estimates never join measurements.
function sumFigures(segments: readonly Segment[]): Figure | null {
  const measured = segments.filter(({ figure }) => figure !== null && figure.value !== null)
  const known = (measured.length > 0 ? measured : segments.filter(({ figure }) => figure !== null)) as readonly {
    readonly seconds: number
    readonly figure: Figure
  }[]
  if (known.length === 0) return null
  if (known.length === 1 && segments.length === 1) return known[0]!.figure
  const seconds = (list: readonly Segment[]): number => list.reduce((sum, segment) => sum + segment.seconds, 0)
  const sum = (key: 'value' | 'low' | 'high'): number | null =>
    known.some(({ figure }) => figure[key] === null) ? null : known.reduce((all, { figure }) => all + figure[key]!, 0)
  const share = seconds(known) / seconds(segments)
  const [value, low, high] = [sum('value'), sum('low'), sum('high')]
  const gap = share < 1 ? ((value ?? high ?? 0) * (1 - share)) / share : 0
  const caution = gap > 0 ? `readings cover ${Math.floor(share * 100)} % of the window` : cautionOf(known)
  // Half-widths of one segment are not those of the sum; its ends stand.
  const { caution: _, statistical: _statistical, systematic: _systematic, ...latest } = known.at(-1)!.figure
  return {
    ...latest,
    value: value === null ? null : value + gap,
    low,
    high: high === null ? null : high + 2 * gap,
    n: known.reduce((all, { figure }) => all + figure.n, 0),
    ...(caution === undefined ? {} : { caution }),
    ...gradeOf(known.map(({ figure }) => figure)),
  }
}

const cautionOf = (known: readonly { readonly figure: Figure }[]): string | undefined =>
  known.find(({ figure }) => figure.caution !== undefined)?.figure.caution

const gradeOf = (figures: readonly Figure[]): Pick<Figure, 'grade'> => {
  const worst = figures
    .flatMap(({ grade }) => grade ?? [])
    .sort()
    .at(-1)
  return worst === undefined ? {} : { grade: worst }
}

/** The update period of a figure's sources (of every energy or power channel when there is no figure), ns. */
export function periodOf(figure: Figure | null, channels: readonly Channel[], samplingNs: number): number {
  const sources = figure?.source?.split(' + ')
  const periods = channels
    .filter(({ id, quantity }) => (sources ? sources.includes(id) : quantity === 'energy' || quantity === 'power'))
    .map(({ period_ms, window_ms }) => Math.max(period_ms ?? 0, window_ms ?? 0) * 1e6)
  return Math.max(samplingNs, ...periods)
}

/**
 * ```
 * readings     |---------|---------|---------|
 * window             [------]
 * outer        [---------------------]
 * ```
 * A window with fewer than two update periods in it: its value is its share of what lies between the readings around it
 * (right if the power did not change there), its interval all that those readings allow: from nothing to everything.
 */
export function boundedBy(outer: Figure | null, share: number): Figure | null {
  if (!outer) return null
  const { statistical: _statistical, systematic: _systematic, ...rest } = outer
  return {
    ...rest,
    value: outer.value === null ? null : outer.value * share,
    low: 0,
    caution: 'fewer than two update periods of its sensor lie within the window; repeat it, and take the mean',
  }
}
