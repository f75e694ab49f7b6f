// The whole page of runs whose tables and documents hold what no chart can draw.
import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { runOf } from '../demo/demo-run.ts'
import { h100 } from '../demo/boards/h100.ts'
import type { RunDocument } from '../run/document.ts'
import type { Measured } from '../run/source.ts'
import { htmlReport } from './html.ts'

const tool = { name: 'tailwatt', version: '0', node: '20' } as unknown as RunDocument['tool']
const { measured } = runOf(h100, tool)
const document = analyse(measured)

const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 0, 1e308, 5e-324, 3]

/** Every `nth` number of the data is one of those. */
function disturbed<T>(data: T, nth: number, offset: number): T {
  let at = offset
  const next = (value: number): number => (at++ % nth === 0 ? values[Math.floor(at / nth) % values.length]! : value)
  const visit = (each: unknown): unknown => {
    if (typeof each === 'number') return next(each)
    if (each instanceof Float64Array) return each.map(next)
    if (typeof each !== 'object' || each === null || ArrayBuffer.isView(each)) return each
    if (Array.isArray(each)) return each.map(visit)
    return Object.fromEntries(
      Object.entries(each).map(([key, value]) => [key, key === 'length' ? value : visit(value)]),
    )
  }
  return visit(data) as T
}

function sound(page: string): void {
  const drawings = page.match(/<svg.*?<\/svg>/gs) ?? []
  expect(drawings.length).toBeGreaterThan(0)
  expect(drawings.filter((each) => /NaN|Infinity|undefined|\bnull\b/.test(each))).toEqual([])
  expect(page.match(/[\w-]+="[^"]*(?:NaN|Infinity|undefined|\bnull\b)[^"]*"/g)).toBeNull()
}

const cases = [1, 2, 3, 7, 50].flatMap((nth) => [0, 1, 5].map((offset) => [nth, offset] as const))

describe('numbers that cannot be drawn', () => {
  test('the page of the run without them has none', () => sound(htmlReport(measured, document)))

  test.each(cases)('in the document, one of %i from %i', (nth, offset) => {
    sound(htmlReport(measured, disturbed(document, nth, offset)))
  })

  test.each(cases)('in the tables, one of %i from %i', (nth, offset) => {
    const tables: Measured = {
      ...measured,
      requests: disturbed(measured.requests, nth, offset),
      samples: disturbed(measured.samples, nth, offset),
    }
    sound(htmlReport(tables, document))
  })
})
