// What the CPU's own counters say about the window: instructions per cycle, miss rates, switches, memory traffic.
import type { ChannelRole, ChannelSubject } from '../../run/channel-role.ts'
import type { Figure } from '../../run/figure.ts'
import { studentQuantile } from '../../stats/student.ts'
import { byRole } from '../channels/by-role.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { counterDelta, type CounterDelta } from '../channels/counter-delta.ts'

export interface Window {
  readonly from: number
  readonly to: number
}

export type Figures = Record<string, Figure>

/** Ratios of two counters of the target: name, part, whole. */
const ratios: readonly (readonly [name: string, part: ChannelRole, whole: ChannelRole])[] = [
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

interface Rate {
  readonly name: string
  readonly unit: string
  readonly subject: ChannelSubject
  /** The first way of which all is counted is taken; several roles are added up. */
  readonly ways: readonly (readonly ChannelRole[])[]
}

const rate = (name: string, unit: string, subject: ChannelSubject, ...ways: Rate['ways']): Rate => ({
  name,
  unit,
  subject,
  ways,
})

/** Rises of counters a second. */
const rates: readonly Rate[] = [
  rate('context_switches_per_s', '1/s', 'target', ['context-switches'], ['voluntary-switches', 'involuntary-switches']),
  rate('voluntary_switches_per_s', '1/s', 'target', ['voluntary-switches']),
  rate('involuntary_switches_per_s', '1/s', 'target', ['involuntary-switches']),
  rate('migrations_per_s', '1/s', 'target', ['migrations']),
  rate('page_faults_per_s', '1/s', 'target', ['page-faults'], ['page-faults-minor', 'page-faults-major']),
  rate('major_page_faults_per_s', '1/s', 'target', ['page-faults-major']),
  // Threads that were ready and had no CPU, as a mean.
  rate('run_queue_wait', '1', 'target', ['run-queue-wait']),
  rate('memory_read_bytes_per_s', 'B/s', 'host', ['memory-read']),
  rate('memory_write_bytes_per_s', 'B/s', 'host', ['memory-write']),
  rate('memory_traffic_bytes_per_s', 'B/s', 'host', ['memory-traffic']),
  rate('disk_read_bytes_per_s', 'B/s', 'target', ['disk-read']),
  rate('disk_write_bytes_per_s', 'B/s', 'target', ['disk-written']),
  rate('host_disk_read_bytes_per_s', 'B/s', 'host', ['disk-read']),
  rate('host_disk_write_bytes_per_s', 'B/s', 'host', ['disk-written']),
]

/** Pressure stall information: time in which work waited for a resource, in seconds. */
const pressure: ReadonlyMap<ChannelRole | undefined, string> = new Map([
  ['psi-cpu-some', 'cpu_some'],
  ['psi-cpu-full', 'cpu_full'],
  ['psi-memory-some', 'memory_some'],
  ['psi-memory-full', 'memory_full'],
  ['psi-io-some', 'io_some'],
  ['psi-io-full', 'io_full'],
])

/** Counted during less than this share of the time, an event is shown with a caution. */
const smallShare = 0.3

/** Empty where nothing was counted. */
export function cpuFigures(all: readonly ChannelSeries[], window: Window): Figures {
  const counts = new Counts(all, window)
  return { ...ratioFigures(counts, window), ...rateFigures(counts, window), ...pressureFigures(all, counts, window) }
}

/** What was counted within the window. */
class Counts {
  readonly #all: readonly ChannelSeries[]
  readonly #window: Window

  constructor(all: readonly ChannelSeries[], window: Window) {
    this.#all = all
    this.#window = window
  }

  of(series: ChannelSeries): Count | undefined {
    if (series.channel.kind !== 'counter') return undefined
    const delta = counterDelta(series, this.#window.from, this.#window.to)
    return delta && delta.n >= 3 ? { series, delta } : undefined
  }

  /** Of the highest rank that was counted. */
  best(role: ChannelRole, subject: ChannelSubject): Count | undefined {
    for (const series of byRole(this.#all, { role, subject })) {
      const count = this.of(series)
      if (count) return count
    }
    return undefined
  }

  /** Share of the time in which a group of events that takes turns was counted. */
  share({ channel: { group } }: ChannelSeries): number {
    if (group === undefined) return 1
    const time = (role: ChannelRole): number | undefined => {
      const series = this.#all.find(({ channel }) => channel.group === group && channel.role === role)
      return series && this.of(series)?.delta.value
    }
    const running = time('time-running')
    const enabled = time('time-enabled')
    return running !== undefined && enabled !== undefined && enabled > 0 ? Math.min(1, running / enabled) : 1
  }
}

interface Count {
  readonly series: ChannelSeries
  readonly delta: CounterDelta
}

function ratioFigures(counts: Counts, window: Window): Figures {
  const figures: Figures = {}
  let least: { readonly share: number; readonly id: string } | undefined
  let n = 0
  for (const [name, part, whole] of ratios) {
    const [a, b] = [counts.best(part, 'target'), counts.best(whole, 'target')]
    if (!a || !b || !(b.delta.value > 0)) continue
    const share = Math.min(counts.share(a.series), counts.share(b.series))
    n++
    if (least === undefined || share < least.share) least = { share, id: a.series.channel.id }
    const value = a.delta.value / a.delta.coverage / (b.delta.value / b.delta.coverage)
    const half = ratioError(a.series, b.series, value, window) * Math.sqrt(1 - share)
    figures[name] = {
      value,
      low: Math.max(0, value - half),
      high: value + half,
      n: Math.min(a.delta.n, b.delta.n),
      unit: name === 'ipc' ? '1' : 'ratio',
      sources: [a.series.channel.id],
      ...(share < smallShare
        ? {
            cautions: [
              { code: 'scaled-up', text: `counted during ${(share * 100).toFixed(0)} % of the time, and scaled up` },
            ],
          }
        : {}),
    }
  }
  if (!least) return figures
  const { share: value, id } = least
  return { ...figures, counted_share: { value, low: value, high: value, n, unit: 'ratio', sources: [id] } }
}

function rateFigures(counts: Counts, { from, to }: Window): Figures {
  const figures: Figures = {}
  for (const { name, unit, subject, ways } of rates) {
    for (const way of ways) {
      const found = way.map((role) => counts.best(role, subject))
      if (!found.every((count) => count !== undefined)) continue
      const sources = found.map(({ series }) => series.channel.id)
      figures[name] = rateFigure(found.map(({ delta }) => delta).reduce(sumOf), (to - from) / 1e9, unit, sources)
      break
    }
  }
  return figures
}

function pressureFigures(all: readonly ChannelSeries[], counts: Counts, { from, to }: Window): Figures {
  const figures: Figures = {}
  for (const series of all) {
    const { id, role, subject } = series.channel
    const name = pressure.get(role)
    const count = name === undefined || series.channel.quantity !== 'time' ? undefined : counts.of(series)
    if (!count) continue
    figures[`psi_${subject === 'cgroup' ? 'cgroup_' : ''}${name}`] = rateFigure(
      count.delta,
      (to - from) / 1e9,
      'ratio',
      [id],
    )
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

export function rateFigure(rise: CounterDelta, seconds: number, unit: string, sources: readonly string[]): Figure {
  const value = rise.value / rise.coverage / seconds
  const half = rise.error / seconds
  return { value, low: Math.max(0, value - half), high: value + half, n: rise.n, unit, sources }
}
