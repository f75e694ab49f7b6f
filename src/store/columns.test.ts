import { expect, test } from 'vitest'
import { allocateRequests } from '../run/table.ts'
import { tables } from './columns.ts'

const layout = (table: keyof typeof tables): string =>
  tables[table].columns.map(({ name, kind }) => `${name}:${kind}`).join(' ')

test('a column keeps its name, its kind and its place on disk', () => {
  expect(layout('requests')).toBe(
    'recording:u16 id:f64 instance:u16 batch:u32 phase:u8 scheduled_ns:f64 ready_ns:f64 started_ns:f64 first_ns:f64 ' +
      'done_ns:f64 seen_ns:f64 stamp:u8 status:u16 size_in:f64 size_out:f64 engine_ns:f64',
  )
  expect(layout('batches')).toBe(
    'recording:u16 id:f64 instance:u16 opened_ns:f64 started_ns:f64 done_ns:f64 size:u32 useful:f64 padded:f64 reason:u8',
  )
  expect(layout('samples')).toBe('recording:u16 channel:u16 t_ns:f64 value:f64')
})

test('a new row says of nothing that it happened', () => {
  const { first, engine, done } = allocateRequests(2)
  expect([...first, ...engine]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
  expect([...done]).toEqual([0, 0])
})
