// Clocks of the processor's cores, and how often and how long heat held them back: mean and highest clock of each package
// (Documentation/admin-guide/pm/cpufreq.rst, kHz), and Intel's throttle counters (drivers/thermal/intel/therm_throt.c).
import type { Host } from '../../host/host.ts'
import { KeptFile } from '../../host/kept-file.ts'
import type { ChannelRole } from '../../run/channel-role.ts'
import type { Channel } from '../../run/channel.ts'
import type { SampleSink } from '../../run/ports.ts'
import { readoutSensor, type Readout } from '../readout.ts'
import type { PolledSensor, Probe, SensorProvider } from '../sensor.ts'
import { coresOf, cpuFolder, type Core } from './cores.ts'
import { throttleReadouts } from './throttle.ts'

const gives = 'clocks of the processor’s cores, and throttling by heat (Intel)'

export const cpufreq: SensorProvider = {
  id: 'cpufreq',
  summary: 'CPU clocks and throttling',
  probe: async (host) => probe(host),
  open: async (host) => {
    const sensor = openCpufreq(host)
    if (!sensor) throw new Error('the kernel shows no clocks')
    return sensor
  },
}

function probe(host: Host): Probe {
  const no = (reason: string, remedy: string): Probe => ({ ok: false, gives, reason, remedy })
  if (host.platform !== 'linux') return no(`there is no cpufreq on ${host.platform}`, 'measure on Linux')
  const sensor = openCpufreq(host)
  if (!sensor)
    return /^flags\s*:.*\bhypervisor\b/m.test(host.readFile('/proc/cpuinfo') ?? '')
      ? no('this is a virtual machine, and its hypervisor sets the clocks unseen', 'measure on the physical host')
      : no('the kernel shows no clocks (cpufreq)', 'enable frequency scaling in the firmware, or load its driver')
  sensor.close()
  const driver = host.readFile(`${cpuFolder}/cpu0/cpufreq/scaling_driver`)?.trim()
  const clocks = sensor.channels.some(({ quantity }) => quantity === 'clock')
  const throttled = sensor.channels.some(({ quantity }) => quantity !== 'clock')
  const parts = [
    clocks ? `clocks${driver === undefined || driver === '' ? '' : ` (${driver})`}` : 'no clocks',
    throttled ? 'throttle counters' : 'no throttle counters: only Intel’s processors have them',
  ]
  return { ok: true, gives, note: parts.join('; ') }
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
