// RAPL through /sys/class/powercap: one file a zone, microjoules, root-only since Linux 5.10 (CVE-2020-8694). Zones are
// known by name, never by index; a package that several control types (MSR, MMIO, TPMI) show is counted once.
import type { Host } from '../../host/host.ts'
import { KeptFile } from '../../host/kept-file.ts'
import type { Counter } from '../unwrapped-counter.ts'
import { energyCounter } from './energy-counter.ts'
import { zoneOf, type Zone, type ZoneCounter } from './zone.ts'

/** Where the zones are; a container whose runtime hides them can mount them elsewhere and say so. */
export const powercapRoot = (host: Host): string => host.env('TAILWATT_POWERCAP') ?? '/sys/class/powercap'

export interface PowercapZone extends Zone {
  readonly path: string
  readonly rangeMicrojoules: number | undefined
  readonly ratedWatts: number | undefined
}

/** In order of preference where they show the same zone. */
const controlTypes = ['intel-rapl', 'intel-rapl-mmio', 'intel-rapl-tpmi']
const pattern = /^(intel-rapl(?:-mmio|-tpmi)?):\d+(?::\d+)?$/

/** Folders of zones: `/sys/class/powercap` has them side by side, `/sys/devices/virtual/powercap` one inside the other. */
export function zoneFolders(host: Host, root: string = powercapRoot(host)): readonly string[] {
  const found: string[] = []
  const walk = (folder: string): void => {
    for (const entry of host.list(folder)) {
      const path = `${folder}/${entry}`
      if (pattern.test(entry)) found.push(path)
      // In the flat form they are links, and what lies in one lies beside it as well.
      if (folder !== '/sys/class/powercap' && (pattern.test(entry) || controlTypes.includes(entry))) walk(path)
    }
  }
  walk(root)
  const rank = (path: string): number => controlTypes.indexOf(pattern.exec(nameOf(path))![1]!)
  return found.sort((a, b) => rank(a) - rank(b) || (nameOf(a) < nameOf(b) ? -1 : 1))
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/**
 * Zones that count energy, each physical one once: of several that show the same, the first whose counter can be read.
 * A zone whose `enabled` is 0 has no limit in force; it counts all the same.
 */
export function findZones(host: Host): readonly PowercapZone[] {
  const zones = new Map<string, PowercapZone & { readonly readable: boolean }>()
  const folders = zoneFolders(host)
  const names = new Map(folders.map((path) => [nameOf(path), host.readFile(`${path}/name`)?.trim()]))
  for (const path of folders) {
    const [type, index, part] = nameOf(path).split(':')
    const own = names.get(nameOf(path))
    if (own === undefined) continue
    const zone = zoneOf(own, part === undefined ? undefined : names.get(`${type}:${index}`))
    const readable = microjoules(host.readFile(`${path}/energy_uj`)) !== undefined
    const known = zones.get(zone.name)
    if (known && (known.readable || !readable)) continue
    zones.set(zone.name, { ...zone, path, readable, ...limits(host, path) })
  }
  return withoutMirrors(host, [...zones.values()])
}

function limits(host: Host, path: string): Pick<PowercapZone, 'rangeMicrojoules' | 'ratedWatts'> {
  const range = microjoules(host.readFile(`${path}/max_energy_range_uj`))
  const watts = [0, 1, 2].map((i) => Number(host.readFile(`${path}/constraint_${i}_max_power_uw`)) / 1e6)
  const rated = Math.max(0, ...watts.filter((value) => Number.isFinite(value)))
  return { rangeMicrojoules: range === undefined || range === 0 ? undefined : range, ratedWatts: rated || undefined }
}

/** Less than a die uses in the time between two readings of a file. */
const sameMicrojoules = 1e6

// Some multi-die parts show their socket's one counter for each die (Threadripper 1950X: 137 W at 125 W from the wall).
// Two counters of 2³² steps that stand within a joule of each other are one.
function withoutMirrors(host: Host, zones: readonly PowercapZone[]): readonly PowercapZone[] {
  const kept: { readonly zone: PowercapZone; readonly value: number }[] = []
  const dropped = new Set<string>()
  for (const zone of zones) {
    const die = /^(package-\d+)-die-\d+$/.exec(zone.name)
    if (!die) continue
    const value = microjoules(host.readFile(`${zone.path}/energy_uj`))
    const twin = kept.some(
      (other) =>
        value !== undefined &&
        value > 0 &&
        other.zone.name.startsWith(`${die[1]!}-`) &&
        Math.abs(value - other.value) < sameMicrojoules,
    )
    if (twin) dropped.add(zone.name)
    else if (value !== undefined) kept.push({ zone, value })
  }
  return zones.filter((zone) => !dropped.has(zone.name) && !dropped.has(zone.parent ?? ''))
}

function microjoules(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? ''
  return /^\d+$/.test(trimmed) ? Number(trimmed) : undefined
}

export class PowercapCounter implements ZoneCounter {
  readonly zone: PowercapZone
  readonly counter: Counter
  readonly #file: KeptFile

  constructor(host: Host, zone: PowercapZone) {
    this.zone = zone
    this.#file = new KeptFile(host, `${zone.path}/energy_uj`)
    this.counter = energyCounter({ range: zone.rangeMicrojoules, ratedWatts: zone.ratedWatts })
  }

  /** Why it could not be read: the system's code, empty when there was something in it. */
  get error(): string {
    return this.#file.error
  }

  raw(): number | undefined {
    return microjoules(this.#file.text())
  }

  close(): void {
    this.#file.close()
  }
}
