import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemError, virtualHost, type VirtualHost } from '../../host/virtual-host.ts'
import { virtualPerf, type AskedEvent, type VirtualPerf } from '../../host/virtual-perf.ts'
import type { PolledSensor } from '../sensor.ts'
import { joules, openPerfZones } from './perf.ts'
import { findZones } from './powercap.ts'
import { openRapl, rapl } from './rapl.ts'

const root = '/sys/class/powercap'
const range = 262_143_328_850
type Files = Record<string, string | (() => string) | Error>

/** Zones of powercap; `energy` gives a zone's counter, which otherwise moves by 1 mJ at each reading. */
function zones(tree: Record<string, string>, energy: Record<string, () => string> = {}): Files {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([path, name], i) => {
      let count = i * 50e9
      return [
        [`${root}/${path}/name`, `${name}\n`],
        [`${root}/${path}/max_energy_range_uj`, `${range}\n`],
        [`${root}/${path}/enabled`, '0\n'],
        [`${root}/${path}/constraint_0_max_power_uw`, '250000000\n'],
        [`${root}/${path}/energy_uj`, energy[path] ?? (() => `${(count += 1000)}\n`)],
      ]
    }),
  )
}

const client = {
  'intel-rapl:0': 'package-0',
  'intel-rapl:0:0': 'core',
  'intel-rapl:0:1': 'uncore',
  'intel-rapl:0:2': 'dram',
  'intel-rapl:1': 'psys',
  'intel-rapl-mmio:0': 'package-0',
  'intel-rapl-tpmi:0': 'package-0',
}

const pmu = '/sys/bus/event_source/devices'

/** A `power` PMU, written after arch/x86/events/rapl.c; `sockets` and `dies` by CPU. */
function powerPmu(
  domains: readonly string[],
  cpus: readonly { cpu: number; socket: number; die: number }[],
  name = 'power',
): Files {
  const codes: Record<string, number> = { cores: 1, pkg: 2, ram: 3, gpu: 4, psys: 5, core: 1 }
  return Object.fromEntries([
    [`${pmu}/${name}/type`, name === 'power' ? '9\n' : '19\n'],
    [`${pmu}/${name}/cpumask`, `${cpus.map(({ cpu }) => cpu).join(',')}\n`],
    [`${pmu}/${name}/format/event`, 'config:0-7\n'],
    ...domains.flatMap((domain) => [
      [`${pmu}/${name}/events/energy-${domain}`, `event=0x0${codes[domain]!}\n`],
      [`${pmu}/${name}/events/energy-${domain}.scale`, '2.3283064365386962890625e-10\n'],
      [`${pmu}/${name}/events/energy-${domain}.unit`, 'Joules\n'],
    ]),
    ...cpus.flatMap(({ cpu, socket, die }) => [
      [`/sys/devices/system/cpu/cpu${cpu}/topology/physical_package_id`, `${socket}\n`],
      [`/sys/devices/system/cpu/cpu${cpu}/topology/die_id`, `${die}\n`],
    ]),
  ])
}

const one = [{ cpu: 0, socket: 0, die: 0 }]

/** Every event gains a joule at each reading. */
function moving(refuse: (event: AskedEvent) => number | undefined = () => undefined): VirtualPerf {
  return virtualPerf((event) => {
    const errno = refuse(event)
    if (errno !== undefined) return errno
    let count = 0n
    return () => (count += 1n << 32n)
  })
}

const machine = (files: Files, perf?: VirtualPerf): VirtualHost =>
  virtualHost({ files, libraries: perf ? { 'libc.so.6': perf.libc } : {} })

function opened(host: VirtualHost): PolledSensor {
  const result = openRapl(host)
  if (!result.ok) throw new Error(result.reason)
  return result.sensor
}

function valuesOf(sensor: PolledSensor, at: number): number[] {
  const values: number[] = []
  sensor.read(at, { put: (channel, _, value) => (values[channel] = value) })
  return values
}

test('counts of the perf PMU keep 1 µJ at any size', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 62n }), (counts) => {
      const exact = Number((counts * 1_000_000n) / 2n ** 32n)
      // `exact` leaves out a part of a microjoule, and a double rounds.
      const slack = 1 + exact * 2 ** -52
      expect(Math.abs(joules(counts, 2 ** -32) * 1e6 - exact)).toBeLessThanOrEqual(slack)
    }),
  )
})

describe('powercap zones', () => {
  test('are known by name, psys at :1 included, and a package that three interfaces show is counted once', () => {
    expect(findZones(machine(zones(client))).map((zone) => [zone.name, zone.scope, zone.parent])).toEqual([
      ['package-0', 'package', undefined],
      ['package-0/core', 'core', 'package-0'],
      ['package-0/uncore', 'uncore', 'package-0'],
      ['package-0/dram', 'dram', undefined],
      ['psys', 'psys', undefined],
    ])
  })

  test('that only the memory-mapped interface lets one read are read there', () => {
    const files = zones({ 'intel-rapl:0': 'package-0', 'intel-rapl-mmio:0': 'package-0' })
    files[`${root}/intel-rapl:0/energy_uj`] = systemError('EACCES', 'energy_uj')
    expect(findZones(machine(files))[0]!.path).toBe(`${root}/intel-rapl-mmio:0`)
  })

  test('of several dies keep their names; dies that show one counter twice are counted once', () => {
    const tree = { 'intel-rapl:0': 'package-0-die-0', 'intel-rapl:1': 'package-0-die-1', 'intel-rapl:1:0': 'core' }
    expect(findZones(machine(zones(tree))).map(({ name }) => name)).toEqual([
      'package-0-die-0',
      'package-0-die-1',
      'package-0-die-1/core',
    ])
    const same = { 'intel-rapl:0': () => '123456789000', 'intel-rapl:1': () => '123456789900' }
    expect(findZones(machine(zones(tree, same))).map(({ name }) => name)).toEqual(['package-0-die-0'])
  })

  test('give joules since the first reading, across a wrap, and name their parents', () => {
    let energy = range - 10
    let trial = 0
    const host = machine(zones(client, { 'intel-rapl:0': () => `${energy + (trial++ % 2)}` }))
    const sensor = opened(host)
    trial = 0
    expect(valuesOf(sensor, 0)[0]).toBe(0)
    energy = 1_999_988
    expect(valuesOf(sensor, 1e9)[0]).toBe(2)
    expect(sensor.channels.find((channel) => channel.scope === 'core')!.parent).toBe('rapl/package-0/energy')
    expect(sensor.channels.find((channel) => channel.scope === 'package')!.parent).toBe('rapl/psys/energy')
    // A limit that is off (`enabled` 0) has nothing to do with counting.
    expect(sensor.channels).toHaveLength(5)
  })

  test('that give garbage leave a gap, and go on', () => {
    let text: string | undefined
    let count = 0
    const sensor = opened(
      machine(zones({ 'intel-rapl:0': 'package-0' }, { 'intel-rapl:0': () => text ?? `${count++}` })),
    )
    const values: number[] = []
    for (const [i, next] of ['5', 'N/A', '', '-3', '1000005'].entries()) {
      text = next
      sensor.read(i * 1e9, { put: (_, __, value) => values.push(value) })
    }
    expect(values).toEqual([0, Number.NaN, Number.NaN, Number.NaN, 1])
  })

  test('without a readable range take every fall for a reset', () => {
    let energy: number | undefined
    let count = 0
    const files = zones({ 'intel-rapl:0': 'package-0' }, { 'intel-rapl:0': () => `${energy ?? count++}` })
    files[`${root}/intel-rapl:0/max_energy_range_uj`] = systemError('EACCES', 'max_energy_range_uj')
    const sensor = opened(machine(files))
    const values: number[] = []
    for (const [i, next] of [range - 1e6, 1e6, 3e6].entries()) {
      energy = next
      sensor.read(i * 1e9, { put: (_, __, value) => values.push(value) })
    }
    expect(values).toEqual([0, Number.NaN, 0, 2])
  })

  test('of a package that goes offline and comes back are opened again', () => {
    const files = zones({ 'intel-rapl:0': 'package-0', 'intel-rapl:1': 'package-1' })
    const host = machine(files)
    const sensor = opened(host)
    const path = `${root}/intel-rapl:1/energy_uj`
    const content = files[path]!
    valuesOf(sensor, 0)
    host.machine.files[path] = systemError('ENODEV', path)
    expect(valuesOf(sensor, 1e9)).toEqual([expect.closeTo(0.001, 9), Number.NaN])
    host.machine.files[path] = content
    host.advance(3e9)
    expect(valuesOf(sensor, 3e9)[1]).toBeGreaterThan(0)
  })

  test('that cannot be read or stand still are told, and the others go on', () => {
    const files = zones(client, { 'intel-rapl:1': () => '77' })
    files[`${root}/intel-rapl:0:2/energy_uj`] = systemError('EACCES', 'energy_uj')
    const sensor = opened(machine(files))
    expect(sensor.channels.map(({ device }) => device)).toEqual(['package-0', 'package-0/core', 'package-0/uncore'])
    expect(sensor.lacks).toMatchObject([
      { what: 'rapl/package-0/dram', reason: /EACCES/, remedy: /chmod/ },
      { what: 'rapl/psys', reason: /stands still/ },
    ])
    // A platform counter that is not read is nobody's parent.
    expect(sensor.channels[0]).not.toHaveProperty('parent')
  })

  test('are found where a container was given them, one inside the other', () => {
    const files: Files = Object.fromEntries(
      Object.entries({ ...zones({ 'intel-rapl:0': 'package-0' }), ...zones({ 'intel-rapl:0:0': 'dram' }) }).map(
        ([path, content]) => [
          path.replace('intel-rapl:0:0', 'intel-rapl:0/intel-rapl:0:0').replace(root, '/powercap/intel-rapl'),
          content,
        ],
      ),
    )
    const host = virtualHost({ files, env: { TAILWATT_POWERCAP: '/powercap' } })
    expect(findZones(host).map(({ name }) => name)).toEqual(['package-0', 'package-0/dram'])
  })
})

describe('the perf PMU', () => {
  test('gives the domains its sysfs names, by package, and powercap checks them', () => {
    const perf = moving()
    const sensor = opened(machine({ ...powerPmu(['pkg', 'cores', 'psys'], one), ...zones(client) }, perf))
    expect(sensor.channels.map(({ id, check }) => [id, check])).toEqual([
      ['rapl/package-0/energy', undefined],
      ['rapl/package-0/core/energy', undefined],
      ['rapl/psys/energy', undefined],
      // What only powercap has is counted from there.
      ['rapl/package-0/uncore/energy', undefined],
      ['rapl/package-0/dram/energy', undefined],
      ['rapl/package-0/energy-powercap', true],
      ['rapl/package-0/core/energy-powercap', true],
      ['rapl/psys/energy-powercap', true],
    ])
    const [check] = sensor.channels.filter((channel) => channel.check)
    expect(check).toMatchObject({ scope: 'package', device: 'package-0', parent: 'rapl/psys/energy' })
    valuesOf(sensor, 0)
    expect(valuesOf(sensor, 1e9)[0]).toBe(1)
    sensor.close()
    expect(perf.open.size).toBe(0)
  })

  test('of two sockets tells their packages by topology, psys once', () => {
    const cpus = [
      { cpu: 0, socket: 0, die: 0 },
      { cpu: 28, socket: 1, die: 0 },
    ]
    const perf = moving()
    const sensor = opened(machine(powerPmu(['pkg', 'ram', 'psys'], cpus), perf))
    expect(sensor.channels.map(({ device }) => device)).toEqual([
      'package-0',
      'package-1',
      'package-0/dram',
      'package-1/dram',
      'psys',
    ])
    expect(perf.asked.map(({ pid, cpu, type, config }) => [pid, cpu, type, config]).slice(0, 2)).toEqual([
      [-1, 0, 9, 2n],
      [-1, 28, 9, 2n],
    ])
  })

  test('counts each die of an Intel package, and an AMD socket once however many dies it lists', () => {
    const cpus = [0, 8, 16].map((cpu, die) => ({ cpu, socket: 0, die }))
    const names = (vendor: string): readonly (string | undefined)[] =>
      opened(
        machine({ ...powerPmu(['pkg'], cpus), '/proc/cpuinfo': `vendor_id\t: ${vendor}\nflags\t\t: fpu\n` }, moving()),
      ).channels.map(({ device }) => device)
    expect(names('GenuineIntel')).toEqual(['package-0-die-0', 'package-0-die-1', 'package-0-die-2'])
    expect(names('AuthenticAMD')).toEqual(['package-0'])
  })

  test('of AMD’s cores is their sum, or nothing when one of them is refused', () => {
    const cpus = [0, 1, 2, 3].map((cpu) => ({ cpu, socket: 0, die: 0 }))
    const files = { ...powerPmu(['pkg'], one), ...powerPmu(['core'], cpus, 'power_core') }
    const sensor = opened(machine(files, moving()))
    expect(sensor.channels.map(({ device }) => device)).toEqual(['package-0', 'package-0/core'])
    valuesOf(sensor, 0)
    expect(valuesOf(sensor, 1e9)).toEqual([1, 4])
    const perf = moving((event) => (event.type === 19 && event.cpu === 3 ? 24 : undefined))
    expect(opened(machine(files, perf)).channels.map(({ device }) => device)).toEqual(['package-0'])
    expect(perf.open.size).toBe(1)
  })

  test('that is refused says what allows it', () => {
    const files = { ...powerPmu(['pkg'], one), '/proc/sys/kernel/perf_event_paranoid': '2\n' }
    expect(
      openPerfZones(
        machine(
          files,
          moving(() => 13),
        ),
      ),
    ).toMatchObject({
      ok: false,
      reason: /paranoid is 2, and this needs 0/,
      remedy: /perf_event_paranoid=0/,
    })
  })

  test('whose sum a suspended host made jump leaves a gap', () => {
    let count: bigint | undefined
    let trial = 0n
    const perf = virtualPerf(() => () => count ?? (trial += 1n << 20n))
    const sensor = opened(machine(powerPmu(['pkg'], one), perf))
    const values: number[] = []
    const base = trial
    // 2³² hardware steps of 61 µJ at once, in 0.1 s: what the kernel makes of a register that fell to 0.
    for (const [i, joule] of [0n, 10n, 262_153n, 262_163n, 262_173n].entries()) {
      count = base + (joule << 32n)
      sensor.read(i * 1e8, { put: (_, __, value) => values.push(value) })
    }
    expect(values).toEqual([0, 10, Number.NaN, Number.NaN, 10, 20])
  })
})

describe('the probe', () => {
  const said = async (host: VirtualHost): Promise<string> => JSON.stringify(await rapl.open(host, {}))

  test('says how to get the permission', async () => {
    const files = zones({ 'intel-rapl:0': 'package-0' })
    files[`${root}/intel-rapl:0/energy_uj`] = systemError('EACCES', 'energy_uj')
    expect(await said(machine(files))).toMatch(/"ok":false.*EACCES.*chmod/)
  })

  test('says of a container that hides the zones how to show them', async () => {
    // Docker lays an empty folder over /sys/devices/virtual/powercap; the links of the class lead nowhere.
    const links = Object.fromEntries(
      ['intel-rapl', 'intel-rapl:0', 'intel-rapl:0:0'].map((name) => [
        `${root}/${name}`,
        `/sys/devices/virtual/powercap/intel-rapl/${name}`,
      ]),
    )
    expect(await said(virtualHost({ links }))).toMatch(/container runtime hides.*TAILWATT_POWERCAP/)
  })

  test('says of a virtual machine that it is one, and of counters that stand still that they do', async () => {
    const cpuinfo = { '/proc/cpuinfo': 'flags\t\t: fpu hypervisor lm\n' }
    expect(await said(machine(cpuinfo))).toMatch(/virtual machine.*shows no energy counters/)
    const still = virtualPerf(() => () => 0n)
    expect(await said(machine({ ...cpuinfo, ...powerPmu(['psys'], one) }, still))).toMatch(/stand still/)
    expect(still.open.size).toBe(0)
    expect(await said(machine(zones({ 'intel-rapl:0': 'package-0' }, { 'intel-rapl:0': () => '5' })))).toMatch(
      /stand still/,
    )
  })

  test('says which interfaces it reads', async () => {
    const files = { ...powerPmu(['pkg'], one), ...zones({ 'intel-rapl:0': 'package-0', 'intel-rapl:0:0': 'dram' }) }
    expect(await said(machine(files, moving()))).toMatch(/perf PMU, 1 domains; powercap, 1 zones; powercap beside it/)
  })

  test('names the platform that has none', async () => {
    expect(await said(virtualHost({ platform: 'darwin' }))).toMatch(/no RAPL interface on darwin/)
  })
})
