// RAPL, the energy counters of Intel and AMD processors: the perf PMU first (it needs no root where it is allowed and
// does not wrap), powercap for what that does not give, and as a check where both can be read.
import { absent, type Absent } from '../../base/absence.ts'
import type { Host } from '../../host/host.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import { localSensor } from '../local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider } from '../sensor.ts'
import { putJoules } from './energy-counter.ts'
import { openPerfZones, type PerfZones } from './perf.ts'
import { findZones, PowercapCounter, powercapRoot, zoneFolders, type PowercapZone } from './powercap.ts'
import { raplChannel, type Zone, type ZoneCounter } from './zone.ts'

export const rapl: SensorProvider = localSensor({
  id: 'rapl',
  summary: 'RAPL energy counters',
  gives: { text: 'energy of CPU packages, cores and memory (grade B)', what: 'cpu_w' },
  elsewhere: { reason: 'there is no RAPL interface', remedy: 'measure on Linux, or use an external meter' },
  open: (host) => openRapl(host),
})

export function openRapl(host: Host): Opened<PolledSensor> {
  const perf = openPerfZones(host)
  const found = findZones(host)
  const { counters, unreadable } = openPowercapZones(host, found)
  const perfCounters = perf.ok ? perf.zones : []
  const all = [...perfCounters, ...counters]
  const moving = movingOf(all)
  for (const counter of all) if (!moving.has(counter)) counter.close()
  const primary = perfCounters.filter((counter) => moving.has(counter))
  const names = new Set(primary.map(({ zone }) => zone.name))
  const others = counters.filter((counter) => moving.has(counter))
  const alone = others.filter(({ zone }) => !names.has(zone.name))
  const checks = others.filter(({ zone }) => names.has(zone.name))
  const counted = [...primary, ...alone]
  if (counted.length === 0) return whyNothing(host, perf, found, unreadable, all.length > 0)
  const still = all.filter((counter) => !moving.has(counter))
  const known = new Set(counted.map(({ zone }) => zone.name))
  const lacks = [
    ...unreadable.filter(({ zone }) => !known.has(zone.name)).map(({ zone, code }) => unreadableRow(zone, code)),
    ...still.filter(({ zone }) => !known.has(zone.name)).map(({ zone }) => stillRow(zone)),
  ]
  const note = [
    ...(primary.length > 0 ? [`perf PMU, ${primary.length} domains`] : []),
    ...(alone.length > 0 ? [`powercap, ${alone.length} zones`] : []),
    ...(checks.length > 0 ? [`powercap beside it as a check, ${checks.length} zones`] : []),
  ].join('; ')
  return { ok: true, sensor: sensorOf(counted, checks, lacks), note }
}

function sensorOf(
  counted: readonly ZoneCounter[],
  checks: readonly ZoneCounter[],
  lacks: readonly Unmeasured[],
): PolledSensor {
  const names = new Set(counted.map(({ zone }) => zone.name))
  // A parent that is not read is none.
  const within = (zone: Zone): Zone => (names.has(zone.parent ?? '') ? zone : { ...zone, parent: undefined })
  const hasPsys = names.has('psys')
  const counters = [...counted, ...checks]
  return {
    channels: [
      ...counted.map(({ zone }) => raplChannel(within(zone), hasPsys)),
      ...checks.map(({ zone }) => raplChannel(within(zone), hasPsys, 'powercap')),
    ],
    lacks,
    read: (at, out) => {
      let read = 0
      counters.forEach((each, index) => {
        if (putJoules(each.counter, each.raw(), at, (t, joules) => out.put(index, t, joules))) read++
      })
      return read > 0 ? 'ok' : 'retry'
    },
    close: () => counters.forEach((counter) => counter.close()),
  }
}

interface Unreadable {
  readonly zone: PowercapZone
  readonly code: string
}

function openPowercapZones(
  host: Host,
  zones: readonly PowercapZone[],
): { readonly counters: readonly ZoneCounter[]; readonly unreadable: readonly Unreadable[] } {
  const counters: ZoneCounter[] = []
  const unreadable: Unreadable[] = []
  for (const zone of zones) {
    const counter = new PowercapCounter(host, zone)
    if (counter.raw() === undefined) {
      counter.close()
      unreadable.push({ zone, code: counter.error || 'no number in it' })
    } else counters.push(counter)
  }
  return { counters, unreadable }
}

/** Busy time in which a real counter moves many times over: they are updated about every millisecond. */
const trialNs = 20e6
/** Time that a slow one is given, as the platform's may be. */
const longTrialNs = 100e6

// Some hypervisors show the counters and never move them. Zero would be read as no power. An idle graphics part may
// rightly use nothing, so it is believed.
function movingOf(counters: readonly ZoneCounter[]): ReadonlySet<ZoneCounter> {
  const before = counters.map((counter) => counter.raw())
  const moving = new Set(counters.filter(({ zone }) => zone.scope === 'uncore'))
  const begin = process.hrtime.bigint()
  let spent = 0
  while (counters.length > 0 && spent < longTrialNs && (spent < trialNs || moving.size < counters.length)) {
    spent = Number(process.hrtime.bigint() - begin)
    if (spent < trialNs) continue
    counters.forEach((counter, i) => {
      if (before[i] !== undefined && (counter.raw() ?? before[i]) !== before[i]) moving.add(counter)
    })
  }
  // Graphics alone would be no counter that moves.
  return [...moving].every(({ zone }) => zone.scope === 'uncore') ? new Set() : moving
}

const unreadableRow = (zone: PowercapZone, code: string): Unmeasured => ({
  what: `rapl/${zone.name}`,
  reason: `${zone.path}/energy_uj cannot be read (${code})`,
  remedy: readRemedy,
})

const stillRow = (zone: Zone): Unmeasured => ({
  what: `rapl/${zone.name}`,
  reason: 'its energy counter stands still',
  remedy: 'nothing to do on this host; an external meter measures the whole',
})

const readRemedy =
  'sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj, or sudo sysctl kernel.perf_event_paranoid=0'

function whyNothing(
  host: Host,
  perf: PerfZones,
  found: readonly PowercapZone[],
  unreadable: readonly Unreadable[],
  still: boolean,
): Absent {
  const virtual = /^flags\s*:.*\bhypervisor\b/m.test(host.readFile('/proc/cpuinfo') ?? '')
  if (virtual && unreadable.length === 0)
    return absent(
      `this is a virtual machine, and its hypervisor ${still ? 'shows energy counters that stand still' : 'shows no energy counters'}`,
      'measure on the physical host, or use an external meter',
    )
  const first = unreadable[0]
  if (first) return absent(`${first.zone.path}/energy_uj cannot be read (${first.code})`, readRemedy)
  // Container runtimes lay an empty folder over /sys/devices/virtual/powercap (moby, GHSA-jq35-85cj-fj4p): the links of
  // /sys/class/powercap then lead nowhere.
  if (found.length === 0 && zoneFolders(host).length > 0)
    return absent(
      `the container runtime hides the zones of ${powercapRoot(host)}`,
      'docker run --cap-add PERFMON (for the perf PMU), or -v /sys/devices/virtual/powercap:/powercap:ro -e TAILWATT_POWERCAP=/powercap',
    )
  if (still) return absent('its energy counters stand still', 'nothing to do on this host; use an external meter')
  return absent(
    `no zone in ${powercapRoot(host)}, and ${perf.ok ? 'no domain in the perf PMU' : perf.reason}`,
    'load the module intel_rapl_msr (sudo modprobe intel_rapl_msr); in a container mount /sys/class/powercap',
  )
}
