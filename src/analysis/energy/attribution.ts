// Whose joules they were: the device's energy shared among processes by what each used of it, never more than there was.
// CPU packages by CPU time, GPUs by the driver's account of each process. What nobody claims stays unattributed.
import type { ChannelRole, ChannelSubject } from '../../run/channel-role.ts'
import type { Attribution } from '../../run/sections/energy.ts'
import type { Figure } from '../../run/figure.ts'
import { byRole } from '../channels/by-role.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { gaugeMean } from '../channels/gauge-mean.ts'
import { counterDelta, type CounterDelta } from '../channels/counter-delta.ts'
import type { Balance } from './balance.ts'
import { netOf, sameDevices, scaled, sumOf } from './figures.ts'
import type { Idle } from './idle.ts'

/** CPU times of /proc come in ticks; a difference of two may be wrong by one tick either way, s. */
const tick = 0.01

export interface Share {
  readonly process: Attribution['process']
  /** Of the device's use, 0 … 1. */
  readonly value: number
  readonly half: number
  readonly n: number
}

/** Shares as given, scaled down together where they claim more than all: Σ ≤ 1 always. Negative or NaN claims are none. */
export function feasibleShares(shares: readonly Share[]): readonly Share[] {
  const valid = shares.filter((share) => share.value >= 0 && Number.isFinite(share.value))
  const sum = valid.reduce((total, share) => total + share.value, 0)
  return sum <= 1 ? valid : valid.map((share) => ({ ...share, value: share.value / sum, half: share.half / sum }))
}

export interface AttributionInput {
  readonly all: readonly ChannelSeries[]
  readonly window: { readonly from: number; readonly to: number }
  readonly balance: Balance
  readonly idle: Idle
}

export function attribute(input: AttributionInput): readonly Attribution[] {
  return [...cpuRows(input), ...gpuRows(input)]
}

function cpuRows({ all, window, balance, idle }: AttributionInput): readonly Attribution[] {
  if (!balance.cpu || balance.cpu.value === null) return []
  const rise = (subject: ChannelSubject): CounterDelta | undefined => {
    const [series] = byRole(all, { role: 'cpu-time', subject })
    return series && counterDelta(series, window.from, window.to)
  }
  const busy = rise('host')
  // Of less than the ticks may be wrong by, no share can be told.
  if (!busy || !(busy.value > 2 * tick)) return []
  const total = busy.value / busy.coverage
  const shares = (['target', 'tailwatt'] as const).flatMap((who): Share[] => {
    const own = rise(who)
    if (!own || own.n < 3) return []
    const value = own.value / own.coverage / total
    const half = (own.error + busy.error * value + tick) / total
    return [{ process: who, value, half, n: own.n }]
  })
  return rowsOf(shares, sharedOut(all, balance.cpu, idle.cpu, (window.to - window.from) / 1e9), 'cpu-time')
}

// Both are the driver's, whose account they are. Where it tells only how long the device was awake, that is what is shared
// out: the rest of it stays unattributed.
function gpuRows({ all, window, balance, idle }: AttributionInput): readonly Attribution[] {
  const ofDevice = new Map<string, ChannelSeries[]>()
  for (const series of all) {
    const { device } = series.channel
    if (device === undefined) continue
    const own = ofDevice.get(device)
    if (own) own.push(series)
    else ofDevice.set(device, [series])
  }
  return balance.gpuParts.flatMap((part) => {
    if (part.joules === null || part.channel.device === undefined) return []
    const ofIt = ofDevice.get(part.channel.device) ?? []
    const find = (role: ChannelRole, subject?: ChannelSubject) =>
      ofIt.find(({ channel }) => channel.role === role && channel.subject === subject)
    const mean = (series: ChannelSeries | undefined) => series && gaugeMean(series, window.from, window.to)
    const own = mean(find('utilization', 'target'))
    const device = mean(find('utilization')) ?? mean(find('active'))
    if (!own || !device || !(device.value > 0)) return []
    const value = own.value / device.value
    const half = value * Math.hypot(own.error / (own.value || 1), device.error / device.value)
    const seconds = (window.to - window.from) / 1e9
    const whole = sumOf([part], 'gpu')!
    // Idle is known of all GPUs together; it is that of one only where there is one.
    const idleWatts = balance.gpuParts.length === 1 ? idle.gpu : undefined
    return rowsOf(
      [{ process: 'target', value, half, n: own.n }],
      sharedOut(all, whole, idleWatts, seconds),
      'gpu-utilization',
    )
  })
}

/** Energy above idle where idle is known, else all of it. */
function sharedOut(
  all: readonly ChannelSeries[],
  gross: Figure,
  idleWatts: Figure | undefined,
  seconds: number,
): Figure {
  const net = sameDevices(all, idleWatts, gross) ? netOf(gross, idleWatts!, seconds) : null
  return net !== null && net.value! > 0 ? net : gross
}

function rowsOf(shares: readonly Share[], whole: Figure, by: Attribution['by']): readonly Attribution[] {
  return feasibleShares(shares).map((share) => {
    const joules = scaled(whole, share.value, 'J')
    const high = Math.min(1, share.value + share.half)
    const low = Math.max(0, share.value - share.half)
    return {
      process: share.process,
      channels: whole.sources!,
      by,
      share: { value: share.value, low, high, n: share.n, unit: 'ratio' },
      joules: {
        ...joules,
        low: Math.max(0, whole.low ?? 0) * low,
        high: (whole.high ?? whole.value!) * high,
        statistical: (joules.statistical ?? 0) + share.half * whole.value!,
        scope: 'process',
      },
      of_joules: whole.value!,
    }
  })
}
