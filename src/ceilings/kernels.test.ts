// The loops against models of them in JavaScript: what they claim to do is what they do, for as many turns as they say.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { accumulators, blockBytes, cyclesPerTurn, flopsPerTurn, kernelModule, lanes, openKernels } from './kernels.ts'
import { wasmEngine } from './wasm-engine.ts'
import { signed, unsigned } from './wasm.ts'

const memory = new wasmEngine.Memory({ initial: 4 })
const floats = new Float32Array(memory.buffer)
const doubles = new Float64Array(memory.buffer)
const kernels = await openKernels(false, memory)
const place = 1024

/** m, a and the sums at `place`; gives the sums after the loop. */
function run(turns: number, m: readonly number[], a: readonly number[], sums: readonly number[]): Float32Array {
  floats.set([...m, ...a, ...sums], place / 4)
  kernels.multiplyAdd(turns, place)
  return floats.slice(place / 4 + 8, place / 4 + 8 + sums.length)
}

test('a module without relaxed SIMD is valid everywhere', () => {
  expect(wasmEngine.validate(kernelModule(false))).toBe(true)
})

test('every turn of every sum and lane is made: adding one counts them', () => {
  const ones = [1, 1, 1, 1]
  const start = Array.from({ length: accumulators * lanes }, (_, i) => i)
  for (const turns of [1, 2, 1000, 123_457])
    expect([...run(turns, ones, ones, start)]).toEqual(start.map((from) => from + turns))
  expect(flopsPerTurn).toBe(accumulators * lanes * 2)
})

test('the multiply-add loop rounds as single precision does', () => {
  const value = fc.float({ min: -1, max: 1, noNaN: true })
  const four = fc.array(value, { minLength: 4, maxLength: 4 })
  const all = fc.array(value, { minLength: accumulators * lanes, maxLength: accumulators * lanes })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), four, four, all, (turns, m, a, sums) => {
      const model = sums.map((from, i) => {
        let x = from
        for (let turn = 0; turn < turns; turn++) x = Math.fround(Math.fround(x * m[i % 4]!) + a[i % 4]!)
        return x
      })
      expect(run(turns, m, a, sums)).toEqual(Float32Array.from(model))
    }),
  )
})

test('the chain of additions is as long as it says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer(), fc.integer(), (turns, x, y) => {
      let model = x
      for (let i = 0; i < (turns * cyclesPerTurn) / 2; i++) model = ((model ^ y) + y) | 0
      expect(kernels.chain(turns, x, y)).toBe(model)
    }),
  )
})

test('read adds, copy copies and triad computes all of their bytes and none beyond', () => {
  const bytes = 40 * blockBytes
  const count = bytes / 8
  const [a, b, c, scale] = [8192, 8192 + bytes + 64, 8192 + 2 * bytes + 128, 4096]
  const at = (from: number, i: number): number => doubles[from / 8 + i]!
  const fill = (): void => {
    for (let i = -8; i < 4 * count; i++) doubles[8192 / 8 + i] = i * 1.25
    doubles.set([3, 3], scale / 8)
  }
  fill()
  const before = doubles.slice()
  kernels.triad(a, b, c, bytes, scale)
  for (let i = 0; i < count; i++) expect(at(a, i)).toBe(before[b / 8 + i]! + 3 * before[c / 8 + i]!)
  expect(at(a, -1)).toBe(before[a / 8 - 1])
  expect(at(a, count)).toBe(before[a / 8 + count])
  fill()
  kernels.copy(a, c, bytes)
  for (let i = 0; i < count; i++) expect(at(a, i)).toBe(before[c / 8 + i])
  expect(at(a, count)).toBe(before[a / 8 + count])
  const longs = new BigInt64Array(memory.buffer)
  for (let i = 0; i <= count; i++) longs[b / 8 + i] = BigInt(i) * 1_000_000_007n
  kernels.read(b, bytes, 2048)
  const [even, odd] = [longs[256]!, longs[257]!]
  expect(even + odd).toBe((BigInt(count) * BigInt(count - 1) * 1_000_000_007n) / 2n)
})

test('numbers are written as the format has them', () => {
  expect(unsigned(0)).toEqual([0])
  expect(unsigned(624_485)).toEqual([0xe5, 0x8e, 0x26])
  expect(signed(-1)).toEqual([0x7f])
  expect(signed(-123_456)).toEqual([0xc0, 0xbb, 0x78])
  expect(signed(64)).toEqual([0xc0, 0x00])
})
