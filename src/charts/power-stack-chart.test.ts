import { describe, expect, test } from 'vitest'
import { render } from '../base/html.ts'
import type { PowerStack } from '../analysis/energy/power-stack.ts'
import type { Channel } from '../run/channel.ts'
import type { Figure } from '../run/figure.ts'
import { powerStackChart } from './power-stack-chart.ts'

const channel = (scope: Channel['scope'], device: string): Channel => ({
  id: `s/${device}/energy`,
  sensor: 's',
  quantity: 'energy',
  unit: 'J',
  kind: 'counter',
  scope,
  device,
})
const joules = (value: number): Figure => ({ value, low: value - 1, high: value + 1, n: 9, unit: 'J', grade: 'B' })
const at = [0, 1, 2, 3, 4]
const same = (watts: number | undefined) => at.map(() => watts)

const base: PowerStack = {
  edges: [0, 1, 2, 3, 4, 5],
  layers: [{ channel: channel('package', 'package-0'), watts: same(30), idle: 10, joules: joules(150) }],
  outer: { channels: [channel('wall', 'meter')], watts: same(50), idle: 25, joules: joules(250) },
  unattributed: { value: 100, low: 90, high: 110, n: 9, unit: 'J' },
  estimate: undefined,
  phases: [{ name: 'load', from: 0, to: 5 }],
  window: { from: 0, to: 5 },
  gaps: [],
}
const drawn = (stack: Partial<PowerStack>) => {
  const chart = powerStackChart({ ...base, ...stack }, [])
  return { ...chart, svg: render(chart.svg) }
}
const areas = (svg: string, className: string): number =>
  svg
    .slice(0, svg.indexOf('</svg>'))
    .split(`<path`)
    .filter((path) => path.includes(`class="${className}"`)).length

describe('the power chart', () => {
  test('hatches what the meter shows beyond the devices, and nothing where it does not', () => {
    expect(areas(drawn({}).svg, 'unattributed')).toBe(1)
    expect(areas(drawn({ outer: { ...base.outer!, watts: same(20) } }).svg, 'unattributed')).toBe(0)
    expect(areas(drawn({ outer: undefined, unattributed: undefined }).svg, 'unattributed')).toBe(0)
    expect(drawn({ outer: undefined, unattributed: undefined }).keys.map(({ name }) => name)).not.toContain(
      'unattributed',
    )
  })

  test('keys have the joules of the window, the mean, and idle', () => {
    const [wall, rest, cpu, idle] = drawn({}).keys
    expect(wall).toMatchObject({ name: 'wall', mean: 50, idle: 25, joules: { value: 250 } })
    expect(rest).toMatchObject({ name: 'unattributed', mean: 20, joules: { value: 100 } })
    expect(cpu).toMatchObject({ name: 'CPU 0', mean: 30, idle: 10 })
    expect(idle).toMatchObject({ name: 'idle base of these devices', mean: 10 })
  })

  test('a device without a reading breaks the stack; it is not drawn as 0', () => {
    const watts = [30, 30, undefined, 30, 30]
    const svg = drawn({ layers: [{ ...base.layers[0]!, watts }] }).svg
    expect(areas(svg, 'res-cpu layer')).toBe(2)
    expect(areas(svg, 'res-idle')).toBe(2)
    expect(areas(drawn({ layers: [{ ...base.layers[0]!, watts, idle: undefined }] }).svg, 'res-cpu layer')).toBe(2)
    expect(drawn({ layers: [{ ...base.layers[0]!, watts }] }).table.rows[2]).toContain('no reading')
  })

  test('an estimate is a band outside the stack', () => {
    const chart = drawn({
      layers: [],
      outer: undefined,
      unattributed: undefined,
      estimate: { low: same(5), high: same(40) },
    })
    expect(areas(chart.svg, 'estimate')).toBe(1)
    expect(chart.svg).not.toMatch(/res-cpu|res-idle/)
    expect(chart.keys).toEqual([expect.objectContaining({ range: [5, 40], joules: undefined, mean: undefined })])
    expect(chart.description).toContain('not measured')
  })

  test('ids of the three sizes differ', () => {
    const ids = [...drawn({}).svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})
