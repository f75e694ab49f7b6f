// What RAPL counts, by whichever interface: a zone of a package with its name, scope and channel.
import type { Channel, Scope } from '../../run/channel.ts'
import type { Counter } from '../unwrapped-counter.ts'

export interface Zone {
  /** `package-0`, `package-0-die-1`, `psys`, or `package-0/core` for a part of one. */
  readonly name: string
  readonly scope: Scope
  readonly parent: string | undefined
}

/** One zone's counter by one interface, read again and again. */
export interface ZoneCounter {
  readonly zone: Zone
  readonly counter: Counter
  /** What it shows, µJ; undefined when it cannot be read. */
  raw(): number | undefined
  close(): void
}

const scopes: Readonly<Record<string, Scope>> = { core: 'core', uncore: 'uncore', dram: 'dram', psys: 'psys' }

/** @param own name as the kernel has it @param within name of the zone it hangs below */
export function zoneOf(own: string, within: string | undefined): Zone {
  return {
    name: within === undefined ? own : `${within}/${own}`,
    scope: own.startsWith('package') ? 'package' : (scopes[own] ?? 'zone'),
    // DRAM lies beside the package although the tree hangs it below.
    parent: own === 'dram' ? undefined : within,
  }
}

/** @param check the interface that only checks another one's reading */
export function raplChannel(zone: Zone, hasPsys: boolean, check?: 'powercap'): Channel {
  const parent = zone.parent ?? (zone.scope === 'package' && hasPsys ? 'psys' : undefined)
  return {
    id: `rapl/${zone.name}/energy${check === undefined ? '' : `-${check}`}`,
    sensor: 'rapl',
    quantity: 'energy',
    unit: 'J',
    kind: 'counter',
    scope: zone.scope,
    device: zone.name,
    ...(parent === undefined ? {} : { parent: `rapl/${parent}/energy` }),
    period_ms: 1,
    grade: 'B',
    ...(check === undefined ? {} : { check: true }),
  }
}
