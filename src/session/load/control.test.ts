// The numbers that threads of the load host share: no two alike, and in order for longer than 32 bits last.
import { describe, expect, test } from 'vitest'
import { Control, allocateControl } from './control.ts'

/** Cells as they are after so many ids and completions. */
function cellsAfter(count: number): ReturnType<typeof allocateControl> {
  const cells = allocateControl(9, 4)
  const numbers = new Int32Array(cells.control)
  const empty = new Control(allocateControl(9, 4))
  expect(empty.nextRequest()).toBe(0)
  // Requests and completions are the third and the fourth cell.
  numbers[2] = count
  numbers[3] = count
  return cells
}

describe('ids', () => {
  test('go on where 31 bits end', () => {
    const control = new Control(cellsAfter(2 ** 31 - 2))
    expect([0, 1, 2, 3].map(() => control.nextRequest())).toEqual([-2, -1, 0, 1].map((i) => 2 ** 31 + i))
  })

  test('go on where 32 bits end, for each thread', () => {
    const cells = cellsAfter(2 ** 32 - 4)
    const [one, other] = [new Control(cells), new Control(cells)]
    expect([one, other, one, other].map((each) => each.nextRequest())).toEqual([-4, -3, -2, -1].map((i) => 2 ** 32 + i))
    expect([other, one, one, other].map((each) => each.nextRequest())).toEqual([0, 1, 2, 3].map((i) => 2 ** 32 + i))
  })
})

describe('completions', () => {
  test.each([0, 2 ** 31 - 3, 2 ** 32 - 3])('are found by their number, from %d on', (first) => {
    const control = new Control(cellsAfter(first))
    for (let i = 0; i < 6; i++) control.complete(1000 + i)
    for (let i = 0; i < 6; i++) expect(control.completion(first + i)).toBe(1000 + i)
  })

  test('that many others have followed are not kept, and are not waited for', () => {
    const control = new Control(cellsAfter(0))
    for (let i = 0; i < 200_000; i++) control.complete(i)
    expect(control.completion(0)).toBeUndefined()
    expect(control.completion(199_999)).toBe(199_999)
  })

  test('that are not published yet are waited for until the load is stopped', () => {
    const control = new Control(cellsAfter(0))
    control.stop()
    expect(control.completion(5)).toBeUndefined()
  })
})
