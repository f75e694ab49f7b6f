// Seeded normal weights, fast enough for a billion bytes: one table of normals, read in short runs from random places with
// random signs. Every tensor has its own stream, so a model's weights do not depend on the order of drawing.
import { Random } from '../base/random.ts'
import { drawnData, type Part } from '../onnx/write.ts'

/** Changes whenever the same arguments would give other values; part of the key. */
const version = 'normal/1'
const tableSize = 1 << 16
const run = 64
const blockSize = 1 << 14

let table: Float32Array | undefined

function normals(): Float32Array {
  if (table) return table
  const made = new Float32Array(tableSize)
  const random = new Random(0x7a11)
  let squares = 0
  // Nothing closer to zero than 2⁻¹⁰: products of weights and activations stay far from denormals.
  for (let i = 0; i < tableSize;) {
    const value = random.normal()
    if (Math.abs(value) < 2 ** -10) continue
    made[i++] = value
    squares += value * value
  }
  const scale = 1 / Math.sqrt(squares / tableSize)
  for (let i = 0; i < tableSize; i++) made[i] = made[i]! * scale
  table = made
  return made
}

/** `count` values of a normal law with the given spread around `mean`. The same seed gives the same values everywhere. */
export const normalData = (count: number, seed: number, std: number, mean: number = 0): Part =>
  drawnData(count, `${version} seed ${seed} mean ${mean} std ${std}`, (out) => {
    const source = normals()
    const random = new Random(seed)
    const block = new Float32Array(Math.min(blockSize, count))
    for (let left = count; left > 0; left -= block.length) {
      const part = left < block.length ? block.subarray(0, left) : block
      for (let at = 0; at < part.length; at += run) {
        const bits = random.next32()
        const scale = bits & 1 ? std : -std
        let from = (bits >>> 1) % (tableSize - run)
        const end = Math.min(at + run, part.length)
        for (let i = at; i < end; i++) part[i] = source[from++]! * scale + mean
      }
      out(part)
    }
  })
