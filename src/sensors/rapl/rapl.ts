// RAPL, the energy counters of Intel and AMD processors: the perf PMU first (it needs no root where it is allowed and
// does not wrap), powercap second.
import type { Host } from '../../host/host.ts'
import type { PolledSensor, Probe, SensorProvider } from '../sensor.ts'
import { openPerfRapl } from './perf.ts'
import { findZones, openPowercap } from './powercap.ts'

const gives = 'energy of CPU packages, cores and memory (grade B)'

export const rapl: SensorProvider = {
  id: 'rapl',
  summary: 'RAPL energy counters',
  probe: async (host) => probe(host),
  open: async (host) => open(host),
}

function open(host: Host): PolledSensor {
  const perf = openPerfRapl(host)
  if (!perf.ok) return openPowercap(host)
  if (counts(perf.sensor)) return perf.sensor
  perf.sensor.close()
  return openPowercap(host)
}

/** Busy time in which a real counter moves many times over: they are updated about every millisecond. */
const trialNs = 20e6

// Some hypervisors show the counters and never move them. Zero would be read as no power.
function counts(sensor: PolledSensor): boolean {
  const read = (): readonly number[] => {
    const values: number[] = []
    sensor.read(0, { put: (_, __, value) => values.push(value) })
    return values
  }
  const before = read()
  const end = process.hrtime.bigint() + BigInt(trialNs)
  while (process.hrtime.bigint() < end);
  return read().some((value, i) => value > before[i]!)
}

function probe(host: Host): Probe {
  if (host.platform !== 'linux')
    return {
      ok: false,
      gives,
      reason: `there is no RAPL interface on ${host.platform}`,
      remedy: 'measure on Linux, or use an external meter',
    }
  const perf = openPerfRapl(host)
  if (perf.ok) {
    const counting = counts(perf.sensor)
    perf.sensor.close()
    if (counting) return { ok: true, gives, note: `perf PMU, ${perf.sensor.channels.length} domains` }
  }
  const zones = findZones(host)
  if (zones.length === 0) {
    const virtual = /^flags\s*:.*\bhypervisor\b/m.test(host.readFile('/proc/cpuinfo') ?? '')
    return {
      ok: false,
      gives,
      reason: virtual
        ? `this is a virtual machine, and its hypervisor ${perf.ok ? 'shows energy counters that stand still' : 'shows no energy counters'}`
        : `no zone in /sys/class/powercap, and ${perf.ok ? 'the perf counters stand still' : perf.reason}`,
      remedy: virtual
        ? 'measure on the physical host, or use an external meter'
        : 'load the module intel_rapl_msr (sudo modprobe intel_rapl_msr); in a container mount /sys/class/powercap',
    }
  }
  try {
    host.open(`${zones[0]!.path}/energy_uj`).close()
    return { ok: true, gives, note: `powercap, ${zones.length} zones` }
  } catch (error) {
    return {
      ok: false,
      gives,
      reason: `${zones[0]!.path}/energy_uj cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
      remedy: 'sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj, or sudo sysctl kernel.perf_event_paranoid=0',
    }
  }
}
