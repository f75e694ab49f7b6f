// RAPL through /sys/class/powercap: one file a zone, microjoules, root-only since Linux 5.10 (CVE-2020-8694). Zones are
// known by name, never by index; a package that two control types show is counted once.
import type { Channel, Scope } from '../../run/channel.ts'
import type { SampleSink } from '../../run/ports.ts'
import type { Host, OpenFile } from '../../host/host.ts'
import type { PolledSensor } from '../sensor.ts'
import { EnergyCounter } from './counter.ts'

const root = '/sys/class/powercap'

export interface Zone {
  readonly path: string
  /** `package-0`, or `package-0/core` for a part of it. */
  readonly name: string
  readonly scope: Scope
  readonly parent: string | undefined
  readonly rangeMicrojoules: number | undefined
}

const scopes: Readonly<Record<string, Scope>> = { core: 'core', uncore: 'uncore', dram: 'dram', psys: 'psys' }

/** Zones that count energy, each physical one once: MSR zones before their memory-mapped doubles. */
export function findZones(host: Host): readonly Zone[] {
  const zones = new Map<string, Zone>()
  const entries = host.list(root).filter((entry) => /^intel-rapl(-mmio)?:\d+(:\d+)?$/.test(entry))
  for (const entry of entries.sort((a, b) => Number(a.includes('mmio')) - Number(b.includes('mmio')))) {
    const path = `${root}/${entry}`
    const own = host.readFile(`${path}/name`)?.trim()
    if (own === undefined) continue
    const parts = entry.split(':')
    const parent = parts.length === 3 ? host.readFile(`${root}/${parts[0]}:${parts[1]}/name`)?.trim() : undefined
    const name = parent === undefined ? own : `${parent}/${own}`
    if (zones.has(name)) continue
    const range = Number(host.readFile(`${path}/max_energy_range_uj`))
    zones.set(name, {
      path,
      name,
      scope: own.startsWith('package') ? 'package' : (scopes[own] ?? 'zone'),
      // DRAM lies beside the package although the tree hangs it below.
      parent: own === 'dram' ? undefined : parent,
      rangeMicrojoules: Number.isFinite(range) && range > 0 ? range : undefined,
    })
  }
  return [...zones.values()]
}

export function openPowercap(host: Host): PolledSensor {
  const zones = findZones(host)
  const hasPsys = zones.some((zone) => zone.scope === 'psys')
  const open = zones.map((zone) => ({
    zone,
    file: host.open(`${zone.path}/energy_uj`),
    counter: new EnergyCounter(zone.rangeMicrojoules),
  }))
  return {
    channels: zones.map((zone) => raplChannel(zone, hasPsys)),
    read: (at, out) => {
      let read = 0
      open.forEach(({ file, counter }, index) => {
        if (readZone(file, counter, at, index, out)) read++
      })
      return read > 0 ? 'ok' : 'retry'
    },
    close: () => open.forEach(({ file }) => file.close()),
  }
}

function readZone(file: OpenFile, counter: EnergyCounter, at: number, index: number, out: SampleSink): boolean {
  let raw: number
  try {
    const text = file.text()
    raw = /^\d+$/.test(text) ? Number(text) : Number.NaN
  } catch {
    raw = Number.NaN
  }
  if (!Number.isFinite(raw)) {
    out.put(index, at, Number.NaN)
    return false
  }
  const step = counter.update(raw, at)
  // NaN marks an interval whose energy is unknown; the count goes on behind it.
  if (step === 'reset' || step === 'implausible') out.put(index, at - 1, Number.NaN)
  out.put(index, at, counter.microjoules / 1e6)
  return true
}

export function raplChannel(zone: Pick<Zone, 'name' | 'scope' | 'parent'>, hasPsys: boolean): Channel {
  const parent = zone.parent ?? (zone.scope === 'package' && hasPsys ? 'psys' : undefined)
  return {
    id: `rapl/${zone.name}/energy`,
    sensor: 'rapl',
    quantity: 'energy',
    unit: 'J',
    kind: 'counter',
    scope: zone.scope,
    device: zone.name,
    ...(parent === undefined ? {} : { parent: `rapl/${parent}/energy` }),
    period_ms: 1,
    grade: 'B',
  }
}
