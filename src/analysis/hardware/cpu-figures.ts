// What the CPU's own counters say about the window: instructions per cycle, miss rates, switches, memory traffic.
import type { Figure } from '../../run/figure.ts'
import { studentQuantile } from '../../stats/student.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { counterDelta, type CounterDelta } from '../channels/counter-delta.ts'
import { nameOf } from './device-figures.ts'

export interface Window {
  readonly from: number
  readonly to: number
}

export type Figures = Record<string, Figure>

const target = 'perf-event/target'

/** Ratios of two counters of the target: name, part, whole. */
const ratios: readonly (readonly [string, string, string])[] = [
  ['ipc', 'instructions', 'cycles'],
  ['cache_miss_rate', 'cache-misses', 'cache-references'],
  ['l1d_miss_rate', 'l1d-load-misses', 'l1d-loads'],
  ['llc_miss_rate', 'llc-load-misses', 'llc-loads'],
  ['branch_miss_rate', 'branch-misses', 'branches'],
  ['stalled_frontend', 'stalled-cycles-frontend', 'cycles'],
  ['stalled_backend', 'stalled-cycles-backend', 'cycles'],
  ['topdown_retiring', 'topdown-retiring', 'slots'],
  ['topdown_bad_speculation', 'topdown-bad-spec', 'slots'],
  ['topdown_frontend_bound', 'topdown-fe-bound', 'slots'],
  ['topdown_backend_bound', 'topdown-be-bound', 'slots'],
]

/** Rises of counters a second, of the first that is there; several joined with `+` are added up. */
const rates: readonly (readonly [name: string, unit: string, ...ids: string[]])[] = [
  [
    'context_switches_per_s',
    '1/s',
    `${target}/context-switches`,
    'procfs/target/voluntary-switches+procfs/target/involuntary-switches',
  ],
  ['voluntary_switches_per_s', '1/s', 'procfs/target/voluntary-switches'],
  ['involuntary_switches_per_s', '1/s', 'procfs/target/involuntary-switches'],
  ['migrations_per_s', '1/s', `${target}/migrations`, 'procfs/target/migrations'],
  [
    'page_faults_per_s',
    '1/s',
    `${target}/page-faults`,
    'procfs/target/page-faults-minor+procfs/target/page-faults-major',
  ],
  ['major_page_faults_per_s', '1/s', `${target}/page-faults-major`, 'procfs/target/page-faults-major'],
  // Threads that were ready and had no CPU, as a mean.
  ['run_queue_wait', '1', 'procfs/target/run-queue-wait'],
  ['memory_read_bytes_per_s', 'B/s', 'perf-event/host/memory-read'],
  ['memory_write_bytes_per_s', 'B/s', 'perf-event/host/memory-write'],
  ['memory_traffic_bytes_per_s', 'B/s', 'perf-event/host/memory-traffic'],
  ['disk_read_bytes_per_s', 'B/s', 'procfs/target/disk-read'],
  ['disk_write_bytes_per_s', 'B/s', 'procfs/target/disk-written'],
  ['host_disk_read_bytes_per_s', 'B/s', 'procfs/host/disk-read'],
  ['host_disk_write_bytes_per_s', 'B/s', 'procfs/host/disk-written'],
]

/** Counted during less than this share of the time, an event is shown with a caution. */
const smallShare = 0.3

/** Empty where nothing was counted. */
export function cpuFigures(all: readonly ChannelSeries[], window: Window): Figures {
  const seconds = (window.to - window.from) / 1e9
  const byId = new Map(all.toReversed().map((series) => [series.channel.id, series]))
  const find = (id: string): ChannelSeries | undefined => byId.get(id)
  const rise = (id: string): CounterDelta | undefined => {
    const series = find(id)
    const found = series && counterDelta(series, window.from, window.to)
    return found && found.n >= 3 ? found : undefined
  }
  const shareOf = ({ channel: { group } }: ChannelSeries): number => {
    const running = rise(`${group}/running`)
    const enabled = rise(`${group}/enabled`)
    return running && enabled && enabled.value > 0 ? Math.min(1, running.value / enabled.value) : 1
  }
  const figures: Figures = {}
  const shares: number[] = []
  for (const [name, part, whole] of ratios) {
    const [a, b] = [find(`${target}/${part}`), find(`${target}/${whole}`)]
    const [up, down] = [rise(`${target}/${part}`), rise(`${target}/${whole}`)]
    if (!a || !b || !up || !down || !(down.value > 0)) continue
    const share = Math.min(shareOf(a), shareOf(b))
    shares.push(share)
    const value = up.value / up.coverage / (down.value / down.coverage)
    const half = ratioError(a, b, value, window) * Math.sqrt(1 - share)
    figures[name] = {
      value,
      low: Math.max(0, value - half),
      high: value + half,
      n: Math.min(up.n, down.n),
      unit: name === 'ipc' ? '1' : 'ratio',
      source: `${target}/${part}`,
      ...(share < smallShare
        ? { caution: `counted during ${(share * 100).toFixed(0)} % of the time, and scaled up` }
        : {}),
    }
  }
  if (shares.length > 0) {
    const value = Math.min(...shares)
    figures['counted_share'] = { value, low: value, high: value, n: shares.length, unit: 'ratio', source: target }
  }
  for (const [name, unit, ...ways] of rates) {
    for (const way of ways) {
      const counts = way.split('+').map(rise)
      if (!counts.every((count) => count !== undefined)) continue
      figures[name] = rateFigure(counts.reduce(sumOf), seconds, unit, way.replace('+', ' + '))
      break
    }
  }
  // Pressure stall information: time in which work waited for a resource, in seconds.
  for (const { channel } of all) {
    if (!/(?:^|\/)psi\//.test(channel.id) || channel.kind !== 'counter' || channel.quantity !== 'time') continue
    const count = rise(channel.id)
    if (count) figures[`psi_${nameOf(channel.id.split('psi/')[1]!)}`] = rateFigure(count, seconds, 'ratio', channel.id)
  }
  return figures
}

const sumOf = (a: CounterDelta, b: CounterDelta): CounterDelta => ({
  value: a.value + b.value,
  coverage: Math.min(a.coverage, b.coverage),
  error: a.error + b.error,
  n: Math.min(a.n, b.n),
})

/**
 * Half-width of a ratio of two sums, were each step but a sample of them (the ratio estimator: Cochran, Sampling Techniques,
 * §6.4). Counters that never have to wait count everything, so their ratio has none of it; of those that take turns the
 * share that was not counted has: times √(1 − share), the correction for a finite population. What the edges of the window
 * misplace of one counter they misplace of the other.
 */
function ratioError(part: ChannelSeries, whole: ChannelSeries, ratio: number, { from, to }: Window): number {
  let squares = 0
  let sum = 0
  let n = 0
  for (let i = 1; i < Math.min(part.t.length, whole.t.length); i++) {
    if (part.t[i - 1]! < from || part.t[i]! > to) continue
    const b = whole.value[i]! - whole.value[i - 1]!
    const residual = part.value[i]! - part.value[i - 1]! - ratio * b
    if (Number.isNaN(residual)) continue
    squares += residual ** 2
    sum += b
    n++
  }
  if (n < 2 || !(sum > 0)) return 0
  return (studentQuantile(0.975, Math.min(n - 1, 1000)) * Math.sqrt((squares * n) / (n - 1))) / sum
}

export function rateFigure(rise: CounterDelta, seconds: number, unit: string, source: string): Figure {
  const value = rise.value / rise.coverage / seconds
  const half = rise.error / seconds
  return { value, low: Math.max(0, value - half), high: value + half, n: rise.n, unit, source }
}
