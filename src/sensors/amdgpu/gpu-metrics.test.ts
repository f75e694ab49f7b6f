import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readMetrics, type Metrics } from './gpu-metrics.ts'
import { layouts } from './layout.ts'
import { describedTable, table } from './virtual-table.ts'

const read = (bytes: Uint8Array): Metrics => {
  const result = readMetrics(bytes)
  if (!result.ok) throw new Error(result.reason)
  return result.metrics
}

test.each(Object.keys(layouts))('reads every field of %s at its place, and all ones as not given', (key) => {
  const fields = Object.keys(layouts[key]!)
  const values = Object.fromEntries(fields.map((field, index) => [field, index + 1]))
  const metrics = read(table(key, values))
  expect(metrics.revision).toBe(key.split('/')[0])
  // Offsets that overlapped would have overwritten each other.
  for (const field of fields) expect(metrics.get(field), field).toBe(values[field])
  for (const field of fields) expect(read(table(key, {})).get(field), field).toBeUndefined()
})

test('64 bits of energy and of a mask are read whole', () => {
  expect(read(table('1.7/2208', { energy_accumulator: 2 ** 40 + 1 })).get('energy_accumulator')).toBe(2 ** 40 + 1)
  const bytes = Buffer.from(table('1.3/120', {}))
  bytes.writeBigUInt64LE((1n << 57n) | 1n, 112)
  expect(read(bytes).bits('indep_throttle_status')).toBe((1n << 57n) | 1n)
})

test('an array keeps the values that are given', () => {
  const bytes = Buffer.from(table('1.4/288', { current_gfxclk: 2100 }))
  bytes.writeUInt16LE(1900, 240 + 6)
  expect(read(bytes).all('current_gfxclk')).toEqual([2100, 1900])
})

test('revision 1.9 says itself where everything is; an attribute in another unit is left out', () => {
  const bytes = describedTable([
    { id: 0, unit: 2, type: 2, values: [61n] },
    { id: 900, unit: 0, type: 6, values: [1n, 2n] },
    { id: 3, unit: 3, type: 2, values: [540n] },
    { id: 7, unit: 0, type: 6, values: [2n ** 33n] },
    // Power in something that is not watts.
    { id: 5, unit: 3, type: 2, values: [5n] },
    { id: 33, unit: 1, type: 2, values: [2100n, 0xffffn, 1800n] },
  ])
  const metrics = read(bytes)
  expect(metrics.get('temperature_hotspot')).toBe(61)
  expect(metrics.get('curr_socket_power')).toBe(540)
  expect(metrics.get('energy_accumulator')).toBe(2 ** 33)
  expect(metrics.get('average_umc_activity')).toBeUndefined()
  expect(metrics.all('current_gfxclk')).toEqual([2100, 1800])
})

test('what is not known is refused, with its revision', () => {
  const later = Buffer.from(table('1.3/120', {}))
  later.writeUInt8(42, 3)
  expect(readMetrics(later)).toEqual({ ok: false, reason: expect.stringContaining('revision 1.42, 120 bytes') })
  const grown = Buffer.concat([table('1.3/120', {}), Buffer.alloc(8)])
  grown.writeUInt16LE(128, 0)
  expect(readMetrics(grown)).toEqual({ ok: false, reason: expect.stringContaining('revision 1.3, 128 bytes') })
  const cut = table('1.8/3872', {}).subarray(0, 1000)
  expect(readMetrics(cut)).toEqual({ ok: false, reason: expect.stringContaining('1000 of 3872 bytes') })
  for (const bytes of [[], [1, 2, 3]]) expect(readMetrics(Uint8Array.from(bytes)).ok).toBe(false)
  const tooMany = Buffer.from(describedTable([{ id: 0, unit: 2, type: 2, values: [61n] }]))
  tooMany.writeUInt32LE(2, 4)
  expect(readMetrics(tooMany).ok).toBe(false)
})

test('no bytes whatever make it throw', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom(0, 1, 2, 3),
      fc.nat(10),
      (bytes, format, content) => {
        const header = Uint8Array.from([bytes.length & 255, bytes.length >> 8, format, content])
        const all = Uint8Array.from([...header, ...bytes])
        for (const given of [bytes, all]) {
          const result = readMetrics(given)
          if (result.ok) for (const field of Object.keys(layouts['1.7/2208']!)) result.metrics.all(field)
        }
      },
    ),
  )
})
