import { expect, test } from 'vitest'
import { allocateSamples, type SampleChunk } from '../../run/table.ts'
import { SampleRing } from './sample-ring.ts'

const rows = (...list: readonly (readonly [channel: number, t: number, value: number])[]): SampleChunk => {
  const chunk = allocateSamples(list.length)
  list.forEach(([channel, t, value], i) => {
    chunk.channel[i] = channel
    chunk.t[i] = t
    chunk.value[i] = value
  })
  return chunk
}
const timesOf = (chunk: SampleChunk, channel: number): number[] =>
  [...chunk.t].filter((_, i) => chunk.channel[i] === channel)

test('a window comes with the reading before and the one after it, of each channel', () => {
  const ring = new SampleRing(2, 64)
  for (let t = 0; t <= 10; t++) ring.add(rows([0, t, 1], ...(t % 4 === 0 ? ([[1, t, 2]] as const) : [])))
  const part = ring.between(5.5, 6.5)
  expect(timesOf(part, 0).filter((t) => t >= 5)).toEqual([5, 6, 7])
  expect(timesOf(part, 1)).toEqual([4, 8])
})

test('the ring keeps its size and forgets the oldest first', () => {
  const ring = new SampleRing(1, 8)
  for (let t = 0; t < 100; t++) ring.add(rows([0, t, t]))
  expect(timesOf(ring.between(0, 200), 0)).toEqual([92, 93, 94, 95, 96, 97, 98, 99])
  expect(ring.bytes).toBe(8 * 18)
  expect(ring.last(0)).toEqual({ t: 99, value: 99 })
})

test('a channel that is not kept still tells its latest reading, and takes no place', () => {
  const ring = new SampleRing(2, 8)
  ring.add(rows([0, 1, 10], [1, 1, 20]), (channel) => channel === 0)
  expect(ring.written).toBe(1)
  expect(ring.last(1)).toEqual({ t: 1, value: 20 })
})

test('a channel that never gave a reading has no time and no value', () => {
  const ring = new SampleRing(1, 8)
  expect(ring.last(0)).toEqual({ t: Number.NEGATIVE_INFINITY, value: Number.NaN })
  expect(ring.between(0, 1).length).toBe(0)
})

test('a channel that is not kept does not widen the window of those that are', () => {
  const ring = new SampleRing(2, 64)
  for (let t = 0; t <= 20; t++) ring.add(rows([0, t, 1], [1, t, 2]), (channel) => channel === 0)
  expect(timesOf(ring.between(15.5, 17.5), 0)).toEqual([15, 16, 17, 18])
})
