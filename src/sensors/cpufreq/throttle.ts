// Intel's throttle counters by CPU: `core_throttle_*` is the core's, `package_throttle_*` the package's, shown again at each
// of its CPUs. Time is added when the throttling ends, whole; an occurrence is counted when it begins.
import type { Host } from '../../host/host.ts'
import { KeptFile } from '../../host/kept-file.ts'
import type { Channel } from '../../run/channel.ts'
import type { ThrottleReason } from '../../run/throttle-reason.ts'
import { counterReadout, type Readout } from '../readout.ts'
import { cpuFolder, type Core } from './cores.ts'

/** Occurrences and ms a second that cannot be: what comes at once is a whole throttling's time. */
const most = 1e9

/** CPUs of which the package's counters are read: all of them repeat the same. */
const repeated = 4

export function throttleReadouts(host: Host, socket: number, cores: readonly Core[]): readonly Readout[] {
  const own = cores.filter((core) => core.package === socket)
  const files = (name: string, of: readonly Core[]): readonly KeptFile[] =>
    of.map(({ cpu }) => new KeptFile(host, `${cpuFolder}/cpu${cpu}/thermal_throttle/${name}`))
  const channel = (reason: ThrottleReason, kind: 'time' | 'count'): Channel => ({
    ...(kind === 'time' ? seconds : times),
    id: `cpufreq/package-${socket}/throttle-${reason}${kind === 'time' ? '' : '-count'}`,
    sensor: 'cpufreq',
    kind: 'counter',
    scope: 'package',
    throttle: [{ reason }],
    device: `package-${socket}`,
  })
  const seconds = { quantity: 'time', unit: 's' } as const
  const times = { quantity: 'count', unit: '1' } as const
  const readout = (
    name: string,
    what: Channel,
    scale: number,
    combine: (values: readonly number[]) => number,
    of: readonly Core[] = own,
  ): Readout | undefined => {
    const all = files(name, of)
    const read = (): number | undefined => {
      const values: number[] = []
      // One that does not answer would make a sum fall.
      for (const file of all) {
        const value = file.number()
        if (value === undefined || value < 0 || value > Number.MAX_SAFE_INTEGER) return undefined
        values.push(value)
      }
      return values.length === 0 ? undefined : combine(values) * scale
    }
    return counterReadout(what, read, most, () => all.forEach((file) => file.close()))
  }
  const some = own.slice(0, repeated)
  return [
    readout('package_throttle_total_time_ms', channel('thermal-package', 'time'), 1e-3, largest, some),
    readout('package_throttle_count', channel('thermal-package', 'count'), 1, largest, some),
    // Of the cores the mean: the time that one of them was held back, were they all alike. Older kernels only count.
    readout('core_throttle_total_time_ms', channel('thermal-core', 'time'), 1e-3, mean) ??
      readout('core_throttle_count', channel('thermal-core', 'count'), 1, sum),
  ].filter((each) => each !== undefined)
}

const largest = (values: readonly number[]): number => Math.max(...values)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length
