// How busy the target, the host and its accelerators were over the measured window, and what was taken away from them.
import type { ChannelRole, ChannelSubject } from '../../run/channel-role.ts'
import type { Figure } from '../../run/figure.ts'
import type { UtilizationSection } from '../../run/sections/hardware.ts'
import type { Measured } from '../../run/source.ts'
import { byRole } from '../channels/by-role.ts'
import { channelSeries, type ChannelSeries } from '../channels/channel-series.ts'
import { largest } from '../channels/gauge-mean.ts'
import { counterDelta } from '../channels/counter-delta.ts'
import { cpuFigures } from './cpu-figures.ts'
import { deviceFigures } from './device-figures.ts'

/** CPU times of /proc come in ticks; a difference of two may be wrong by one tick either way, s. */
const tick = 0.01

/** `null` when no sensor counted anything of it. */
export function analyseUtilization(
  measured: Measured,
  window: { readonly from: number; readonly to: number },
): UtilizationSection | null {
  const seconds = (window.to - window.from) / 1e9
  if (!(seconds > 0)) return null
  const all = channelSeries(measured)
  const find = (role: ChannelRole, subject: ChannelSubject) => byRole(all, { role, subject })[0]
  const share = (series: ChannelSeries | undefined, capacity: number, unit: string): Figure | null => {
    const rise = series && counterDelta(series, window.from, window.to)
    if (!series || !rise || rise.n < 3) return null
    const value = rise.value / rise.coverage / capacity
    const half = (rise.error + tick) / capacity
    return { value, low: Math.max(0, value - half), high: value + half, n: rise.n, unit, sources: [series.channel.id] }
  }
  const cpus = measured.manifest.host.cpus_logical
  const section: UtilizationSection = {
    cpu_cores: share(find('cpu-time', 'target'), seconds, 'cores'),
    host_busy: share(find('cpu-time', 'host'), seconds * cpus, 'ratio'),
    steal: share(find('steal', 'host'), seconds * cpus, 'ratio'),
    throttled: throttledShare(),
    peak_memory_bytes: peak(),
  }
  const cpu = cpuFigures(all, window)
  const devices = deviceFigures(all, window)
  const counted = Object.keys(cpu).length > 0
  if (section.cpu_cores === null && section.host_busy === null && !counted && devices.length === 0) return null
  return { ...section, ...(counted ? { cpu } : {}), ...(devices.length > 0 ? { devices } : {}) }

  function throttledShare(): Figure | null {
    const periods = find('quota-periods', 'cgroup')
    const stopped = find('quota-throttled', 'cgroup')
    const total = periods && counterDelta(periods, window.from, window.to)
    const part = stopped && counterDelta(stopped, window.from, window.to)
    if (!total || !part || total.value < 1) return null
    const value = part.value / total.value
    return {
      value,
      low: value,
      high: value,
      n: total.n,
      unit: 'ratio',
      sources: [stopped.channel.id, periods.channel.id],
    }
  }

  function peak(): number | null {
    const series = find('memory-used', 'target')
    return (series && largest(series, window.from, window.to)) ?? null
  }
}
