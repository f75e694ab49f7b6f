// The loops of the hardware probes, as one WebAssembly module: multiply-add in registers, a chain of dependent additions,
// and three passes over memory. Every loop leaves a result that depends on each of its steps, so that none can be optimised
// away, and how much each does is exact by construction.
import { wasmEngine, type WasmMemory } from './wasm-engine.ts'
import { encodeModule, op, type Code, type ValueType, type WasmFunction } from './wasm.ts'

/** Independent sums of the multiply-add loop: two units times six cycles of multiplication and addition. */
export const accumulators = 12
export const lanes = 4
/** Of one turn of the multiply-add loop. */
export const flopsPerTurn: number = accumulators * lanes * 2
/** Dependent additions and exclusive ors of one turn, one cycle each. */
export const cyclesPerTurn = 64
/** Bytes of each array in one turn of a pass. */
export const blockBytes = 128
const step = 16

export interface Kernels {
  /**
   * x ← x·m + a, `turns` times, for each lane of 12 sums. At `place` lie m, a and the sums, 16 bytes each; the sums are
   * written back.
   */
  multiplyAdd(turns: number, place: number): void
  /** x ← (x xor y) + y, 32 times a turn. */
  chain(turns: number, x: number, y: number): number
  /** Adds all of `from` as 64-bit numbers into the 16 bytes at `into`. */
  read(from: number, bytes: number, into: number): void
  copy(into: number, from: number, bytes: number): void
  /** a ← b + s·c in double precision; s is the pair of doubles at `scale`. */
  triad(a: number, b: number, c: number, bytes: number, scale: number): void
}

const repeated = (count: number, make: (index: number) => Code): readonly Code[] =>
  Array.from({ length: count }, (_, i) => make(i))
const many = (count: number, type: ValueType): readonly ValueType[] => Array.from({ length: count }, () => type)

/** Counts `local` down by `by` and leaves it for the loop's condition. */
const countDown = (local: number, by: number): Code => [
  op.get(local),
  op.constant(by),
  op.subtract,
  op.set(local),
  op.get(local),
]
const advance = (...locals: readonly number[]): readonly Code[] =>
  locals.map((local) => [op.get(local), op.constant(blockBytes), op.add, op.set(local)])

function multiplyAdd(fused: boolean): WasmFunction {
  const [turns, place, m, a, first] = [0, 1, 2, 3, 4]
  const one = (sum: number): Code =>
    fused
      ? [op.get(sum), op.get(m), op.get(a), op.relaxedMultiplyAdd, op.set(sum)]
      : [op.get(sum), op.get(m), op.f32x4Multiply, op.get(a), op.f32x4Add, op.set(sum)]
  return {
    name: 'multiplyAdd',
    params: ['i32', 'i32'],
    results: [],
    locals: many(2 + accumulators, 'v128'),
    body: [
      repeated(2 + accumulators, (i) => [op.get(place), op.load(i * step), op.set(m + i)]),
      op.repeat(
        repeated(accumulators, (i) => one(first + i)),
        countDown(turns, 1),
      ),
      repeated(accumulators, (i) => [op.get(place), op.get(first + i), op.store((2 + i) * step)]),
    ],
  }
}

const chain: WasmFunction = {
  name: 'chain',
  params: ['i32', 'i32', 'i32'],
  results: ['i32'],
  locals: [],
  body: [
    op.repeat(
      repeated(cyclesPerTurn / 2, () => [op.get(1), op.get(2), op.xor, op.get(2), op.add, op.set(1)]),
      countDown(0, 1),
    ),
    op.get(1),
  ],
}

const blocks = blockBytes / step

const read: WasmFunction = {
  name: 'read',
  params: ['i32', 'i32', 'i32'],
  results: [],
  locals: many(4, 'v128'),
  body: [
    op.repeat(
      repeated(blocks, (i) => [op.get(3 + (i % 4)), op.get(0), op.load(i * step), op.i64x2Add, op.set(3 + (i % 4))]),
      advance(0),
      countDown(1, blockBytes),
    ),
    [op.get(2), op.get(3), op.get(4), op.i64x2Add, op.get(5), op.i64x2Add, op.get(6), op.i64x2Add, op.store(0)],
  ],
}

const copy: WasmFunction = {
  name: 'copy',
  params: ['i32', 'i32', 'i32'],
  results: [],
  locals: [],
  body: [
    op.repeat(
      repeated(blocks, (i) => [op.get(0), op.get(1), op.load(i * step), op.store(i * step)]),
      advance(0, 1),
      countDown(2, blockBytes),
    ),
  ],
}

const triad: WasmFunction = {
  name: 'triad',
  params: ['i32', 'i32', 'i32', 'i32', 'i32'],
  results: [],
  locals: ['v128'],
  body: [
    [op.get(4), op.load(0), op.set(5)],
    op.repeat(
      repeated(blocks, (i) => [
        op.get(0),
        [op.get(1), op.load(i * step)],
        [op.get(5), op.get(2), op.load(i * step), op.f64x2Multiply],
        op.f64x2Add,
        op.store(i * step),
      ]),
      advance(0, 1, 2),
      countDown(3, blockBytes),
    ),
  ],
}

/** @param fused with the multiply-add of relaxed SIMD, which not every engine has */
export const kernelModule = (fused: boolean): Uint8Array<ArrayBuffer> =>
  encodeModule([multiplyAdd(fused), chain, read, copy, triad])

export async function openKernels(fused: boolean, memory: WasmMemory): Promise<Kernels> {
  const { instance } = await wasmEngine.instantiate(kernelModule(fused), { host: { memory } })
  return instance.exports as unknown as Kernels
}
