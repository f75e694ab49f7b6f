// Clocks of the processor's cores, and how often and how long heat held them back: mean and highest clock of each package
// (Documentation/admin-guide/pm/cpufreq.rst, kHz), and Intel's throttle counters (drivers/thermal/intel/therm_throt.c).
import { absent } from '../../base/absence.ts'
import type { Host } from '../../host/host.ts'
import { KeptFile } from '../../host/kept-file.ts'
import type { ChannelRole } from '../../run/channel-role.ts'
import type { Channel } from '../../run/channel.ts'
import type { SampleSink } from '../../run/ports.ts'
import { readoutSensor, type Readout } from '../readout.ts'
import { localSensor } from '../local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider } from '../sensor.ts'
import { coresOf, cpuFolder, type Core } from './cores.ts'
import { throttleReadouts } from './throttle.ts'

export const cpufreq: SensorProvider = localSensor({
  id: 'cpufreq',
  summary: 'CPU clocks and throttling',
  gives: { text: 'clocks of the processor’s cores, and throttling by heat (Intel)', what: 'cpu_clock' },
  elsewhere: { reason: 'there is no cpufreq' },
  open: (host) => {
    const sensor = openCpufreq(host)
    return sensor ? { ok: true, sensor, note: noteOf(host, sensor) } : whyNone(host)
  },
})

const whyNone = (host: Host): Opened<PolledSensor> =>
  /^flags\s*:.*\bhypervisor\b/m.test(host.readFile('/proc/cpuinfo') ?? '')
    ? absent('this is a virtual machine, and its hypervisor sets the clocks unseen', 'measure on the physical host')
    : absent('the kernel shows no clocks (cpufreq)', 'enable frequency scaling in the firmware, or load its driver')

function noteOf(host: Host, { channels }: PolledSensor): string {
  const driver = host.readFile(`${cpuFolder}/cpu0/cpufreq/scaling_driver`)?.trim()
  const clocks = channels.some(({ quantity }) => quantity === 'clock')
  const throttled = channels.some(({ quantity }) => quantity !== 'clock')
  return [
    clocks ? `clocks${driver === undefined || driver === '' ? '' : ` (${driver})`}` : 'no clocks',
    throttled ? 'throttle counters' : 'no throttle counters: only Intel’s processors have them',
  ].join('; ')
}

export function openCpufreq(host: Host): PolledSensor | undefined {
  const cores = coresOf(host)
  const packages = [...new Set(cores.map((core) => core.package))]
  const clocks = packages.flatMap((socket) => clockReadouts(host, socket, cores))
  const throttle = packages.flatMap((socket) => throttleReadouts(host, socket, cores))
  const groups = [clocks, throttle].filter((group) => group.length > 0)
  return groups.length === 0 ? undefined : readoutSensor(host, groups)
}

/** Above what any clock reaches, MHz. */
const mostMegahertz = 20_000

function clockReadouts(host: Host, socket: number, cores: readonly Core[]): readonly Readout[] {
  const files = cores
    .filter((core) => core.package === socket)
    .map(({ cpu }) => clockFile(host, cpu))
    .filter((file) => file !== undefined)
  if (files.length === 0) return []
  let highest = Number.NaN
  const channel = (what: string, role: ChannelRole): Channel => ({
    id: `cpufreq/package-${socket}/${what}`,
    sensor: 'cpufreq',
    quantity: 'clock',
    unit: 'MHz',
    kind: 'gauge',
    scope: 'package',
    role,
    device: `package-${socket}`,
  })
  const mean = (): number => {
    let sum = 0
    let n = 0
    highest = Number.NEGATIVE_INFINITY
    for (const file of files) {
      const megahertz = clockOf(file)
      // A core that is offline for a while is left out.
      if (megahertz === undefined) continue
      sum += megahertz
      n++
      highest = Math.max(highest, megahertz)
    }
    return sum / n
  }
  const put =
    (value: () => number) =>
    (index: number, at: number, out: SampleSink): boolean => {
      const megahertz = value()
      if (!(megahertz > 0)) return false
      out.put(index, at, megahertz)
      return true
    }
  const close = (): void => files.forEach((file) => file.close())
  // The second gives what the first has read.
  return [
    { channel: channel('clock', 'core-clock'), put: put(mean), close },
    { channel: channel('clock-max', 'highest-core-clock'), put: put(() => highest), close: () => undefined },
  ]
}

/** The kernel's best account of the clock; some have only the hardware's, which only root may read. */
function clockFile(host: Host, cpu: number): KeptFile | undefined {
  for (const name of ['scaling_cur_freq', 'cpuinfo_avg_freq', 'cpuinfo_cur_freq']) {
    const file = new KeptFile(host, `${cpuFolder}/cpu${cpu}/cpufreq/${name}`)
    if (clockOf(file) !== undefined) return file
    file.close()
  }
  return undefined
}

function clockOf(file: KeptFile): number | undefined {
  const megahertz = (file.number() ?? Number.NaN) / 1000
  return megahertz > 0 && megahertz < mostMegahertz ? megahertz : undefined
}
