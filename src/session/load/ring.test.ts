import { expect, test } from 'vitest'
import { requestColumns } from '../../run/table.ts'
import { allocateRing, RingReader, RingWriter } from './ring.ts'

test('what is put comes out of the column of its name', () => {
  const ring = allocateRing(4)
  const [writer, reader] = [new RingWriter(ring), new RingReader(ring, 7)]
  writer.put(1, 2, 3, 4, 5, 6, 7, 8, 1, 200, 9, 10, 11)
  writer.put(12, 13, 14, 15, 16, Number.NaN, 18, 19, 2, 0, 20, 21, Number.NaN)
  const { length, ...columns } = reader.drain()!
  expect(length).toBe(2)
  expect(Object.keys(columns)).toEqual(Object.keys(requestColumns))
  expect(Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, [...values]]))).toEqual({
    recording: [0, 0],
    id: [1, 12],
    instance: [7, 7],
    batch: [2, 13],
    phase: [0, 0],
    scheduled: [3, 14],
    ready: [4, 15],
    started: [5, 16],
    first: [6, Number.NaN],
    done: [7, 18],
    seen: [8, 19],
    stamp: [1, 2],
    status: [200, 0],
    sizeIn: [9, 20],
    sizeOut: [10, 21],
    engine: [11, Number.NaN],
  })
  expect(reader.drain()).toBeUndefined()
})

test('a row that finds no room is lost and counted, and the others stay', () => {
  const ring = allocateRing(2)
  const [writer, reader] = [new RingWriter(ring), new RingReader(ring, 0)]
  for (let id = 0; id < 5; id++) writer.put(id, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
  expect([...reader.drain()!.id]).toEqual([0, 1])
  expect(reader.newlyLost()).toBe(3)
  expect(reader.newlyLost()).toBe(0)
  writer.put(5, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
  expect([...reader.drain()!.id]).toEqual([5])
  expect(reader.written).toBe(3)
})
