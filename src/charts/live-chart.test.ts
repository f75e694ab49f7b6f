import { expect, test } from 'vitest'
import { render } from '../base/html.ts'
import { liveChart, type LiveChart } from './live-chart.ts'

const chart = (rest: Partial<LiveChart>): LiveChart => ({
  id: 'c',
  title: 'Chart',
  description: 'what it shows',
  at: [0, 1, 2, 3],
  y: { name: 'power', format: (value) => `${value} W` },
  ...rest,
})
const drawn = (rest: Partial<LiveChart>): string => render(liveChart(chart(rest))!)
const pathsOf = (svg: string, className: string): string[] =>
  [...svg.matchAll(new RegExp(`<path d="([^"]+)" class="${className}"`, 'g'))].map((match) => match[1]!)
/** The y of each point of a path, upper edge first and back along the lower one. */
const heights = (path: string): number[] =>
  [...path.matchAll(/[ML][\d.-]+ ([\d.-]+)/g)].map((match) => Number(match[1]))

test('nothing measured draws nothing, never NaN', () => {
  expect(liveChart(chart({}))).toBeUndefined()
  expect(liveChart(chart({ at: [], lines: [{ name: 'a', values: [], className: 'series-1' }] }))).toBeUndefined()
  const zero = drawn({ lines: [{ name: 'a', values: [0, 0, 0, 0], className: 'series-1' }] })
  expect(zero).not.toContain('NaN')
})

test('a gap breaks the line', () => {
  const svg = drawn({ lines: [{ name: 'a', values: [1, 2, undefined, 3], className: 'series-1' }] })
  expect(pathsOf(svg, 'series-1')[0]!.match(/M/g)).toHaveLength(2)
})

test('areas stand on each other, and what stands on a gap is a gap', () => {
  const svg = drawn({
    areas: [
      { name: 'CPU', values: [10, 10, undefined, 10], className: 'fill-1' },
      { name: 'GPU', values: [30, 30, 30, 30], className: 'fill-2' },
    ],
  })
  const [cpu] = pathsOf(svg, 'fill-1')
  const [gpu] = pathsOf(svg, 'fill-2')
  expect(pathsOf(svg, 'fill-2')).toHaveLength(1)
  // The GPU's bottom edge is the CPU's top edge.
  const [bottom] = heights(gpu!)
  expect(heights(cpu!)).toContain(bottom)
})

test('what belongs to nothing measured is hatched, and nothing else is', () => {
  const area = (hatched: boolean) => ({ name: 'a', values: [1, 1, 1, 1], className: 'unattributed', hatched })
  const svg = drawn({ areas: [area(true)] })
  expect(svg).toMatch(/class="unattributed" fill="url\(#hatch-c\)"/)
  expect(svg).toContain('<pattern id="hatch-c"')
  expect(drawn({ areas: [area(false)] })).not.toContain('pattern')
})

test('names from outside are text', () => {
  const svg = drawn({ title: '<script>', lines: [{ name: '<b>', values: [1, 2, 3, 4], className: 'series-1' }] })
  expect(svg).not.toMatch(/<script>|<b>/)
})
