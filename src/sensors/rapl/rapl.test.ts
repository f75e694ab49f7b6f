import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemError, virtualHost } from '../../host/virtual-host.ts'
import { EnergyCounter } from './counter.ts'
import { joules } from './perf.ts'
import { findZones, openPowercap } from './powercap.ts'
import { rapl } from './rapl.ts'

const root = '/sys/class/powercap'
const range = 262_143_328_850

describe('an energy counter', () => {
  test('is exact to 1 µJ over any feasible readings with wraps', () => {
    // Less than half the range between two readings, which at 300 W is seven minutes.
    const steps = fc.array(fc.integer({ min: 0, max: Math.floor(range / 2) - 1 }), { maxLength: 200 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: range }), steps, (start, rises) => {
        const counter = new EnergyCounter(range, Number.POSITIVE_INFINITY)
        let raw = start
        let truth = 0
        counter.update(raw, 0)
        rises.forEach((rise, i) => {
          truth += rise
          raw = (raw + rise) % (range + 1)
          expect(counter.update(raw, (i + 1) * 1e8)).toBe('ok')
          expect(counter.microjoules).toBe(truth)
        })
      }),
    )
  })

  test('takes a fall that is no wrap for a reset, and makes no energy up', () => {
    const counter = new EnergyCounter(range)
    counter.update(1000, 0)
    counter.update(5000, 1e9)
    expect(counter.update(10, 2e9)).toBe('reset')
    expect(counter.update(110, 3e9)).toBe('ok')
    expect(counter.microjoules).toBe(4100)
    const endless = new EnergyCounter(undefined)
    endless.update(range, 0)
    expect(endless.update(5, 1e9)).toBe('reset')
  })

  test('refuses a jump that would need more power than there is', () => {
    const counter = new EnergyCounter(range, 2000)
    counter.update(0, 0)
    expect(counter.update(100e6 * 60, 1e9)).toBe('implausible')
    expect(counter.microjoules).toBe(0)
  })

  test('of the perf PMU keeps 1 µJ at any size', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 62n }), (counts) => {
        const exact = Number((counts * 1_000_000n) / 2n ** 32n)
        // Beyond 2⁵³ µJ (9 GJ) a double holds no single microjoule.
        const slack = Math.max(1, exact * 2 ** -52)
        expect(Math.abs(joules(counts, 2 ** -32) * 1e6 - exact)).toBeLessThanOrEqual(slack)
      }),
    )
  })
})

/** Two packages; the first one shown again by the memory-mapped control type; a psys above them. */
const server = (energy: Record<string, number>): Record<string, string | (() => string)> => {
  const zone = (path: string, name: string): [string, string | (() => string)][] => [
    [`${root}/${path}/name`, `${name}\n`],
    [`${root}/${path}/max_energy_range_uj`, `${range}\n`],
    [`${root}/${path}/energy_uj`, () => `${energy[path]}\n`],
  ]
  return Object.fromEntries([
    ...zone('intel-rapl:0', 'package-0'),
    ...zone('intel-rapl:0:0', 'dram'),
    ...zone('intel-rapl:0:1', 'core'),
    ...zone('intel-rapl:1', 'psys'),
    ...zone('intel-rapl-mmio:0', 'package-0'),
  ])
}

describe('powercap zones', () => {
  test('are known by name, and a package that is shown twice is counted once', () => {
    const zones = findZones(virtualHost({ files: server({}) }))
    expect(zones.map((zone) => [zone.name, zone.scope, zone.parent])).toEqual([
      ['package-0', 'package', undefined],
      ['package-0/dram', 'dram', undefined],
      ['package-0/core', 'core', 'package-0'],
      ['psys', 'psys', undefined],
    ])
  })

  test('give joules since the first reading, across a wrap, and name their parents', () => {
    const energy: Record<string, number> = {
      'intel-rapl:0': range - 10,
      'intel-rapl:0:0': 0,
      'intel-rapl:0:1': 0,
      'intel-rapl:1': 0,
    }
    const sensor = openPowercap(virtualHost({ files: server(energy) }))
    const read = (at: number): number[] => {
      const values: number[] = []
      sensor.read(at, { put: (channel, _, value) => (values[channel] = value) })
      return values
    }
    expect(read(0)[0]).toBe(0)
    energy['intel-rapl:0'] = 1_999_989
    expect(read(1e9)[0]).toBe(2)
    expect(sensor.channels.find((channel) => channel.scope === 'core')!.parent).toBe('rapl/package-0/energy')
    expect(sensor.channels.find((channel) => channel.scope === 'package')!.parent).toBe('rapl/psys/energy')
  })

  test('that give garbage leave a gap, and go on', () => {
    const files = server({ 'intel-rapl:0': 5, 'intel-rapl:0:0': 0, 'intel-rapl:0:1': 0, 'intel-rapl:1': 0 })
    let text = '5'
    files[`${root}/intel-rapl:0/energy_uj`] = () => text
    const sensor = openPowercap(virtualHost({ files }))
    const values: number[] = []
    const out = { put: (channel: number, _: number, value: number) => void (channel === 0 && values.push(value)) }
    for (const [i, next] of ['5', 'N/A', '1000005'].entries()) {
      text = next
      sensor.read(i * 1e9, out)
    }
    expect(values).toEqual([0, Number.NaN, 1])
  })
})

describe('the probe', () => {
  test('says how to get the permission', async () => {
    const files: Record<string, string | (() => string) | Error> = server({})
    files[`${root}/intel-rapl:0/energy_uj`] = systemError('EACCES', 'energy_uj')
    const probe = await rapl.probe(virtualHost({ files }))
    expect(probe).toMatchObject({ ok: false })
    expect(JSON.stringify(probe)).toMatch(/EACCES.*chmod/)
  })

  test('says of a virtual machine that it is one', async () => {
    const probe = await rapl.probe(virtualHost({ files: { '/proc/cpuinfo': 'flags\t\t: fpu hypervisor lm\n' } }))
    expect(JSON.stringify(probe)).toMatch(/virtual machine/)
  })
})
