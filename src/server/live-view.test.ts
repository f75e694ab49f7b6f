import { expect, test } from 'vitest'
import { render } from '../base/html.ts'
import type { Figure } from '../run/figure.ts'
import type { LivePoint } from './live-history.ts'
import { liveView } from './live-view.ts'

const watts = (value: number | null, rest: Partial<Figure> = {}): Figure => ({
  value,
  low: value,
  high: value,
  n: 9,
  unit: 'W',
  grade: 'B',
  ...rest,
})
const view = (point: Partial<LivePoint>): string =>
  render(
    liveView(
      { stage: 'load', elapsed_s: 3, sent: 30, failed: 0 },
      Array.from({ length: 6 }, (_, i) => ({ t_s: i / 2, requests: 5, s: 0.5, ...point })),
    ).charts,
  )

test('devices are stacked, the system is the line around them, and what lies between is hatched', () => {
  const charts = view({ cpu_w: watts(60), gpu_w: watts(200), system_w: watts(300, { grade: 'A' }) })
  expect(charts).toMatch(/class="res-cpu layer"/)
  expect(charts).toMatch(/class="res-gpu layer"/)
  expect(charts).toMatch(/class="outer"/)
  expect(charts).toMatch(/class="unattributed" fill="url/)
})

test('without a system there is nothing to hatch', () => {
  const charts = view({ cpu_w: watts(60) })
  expect(charts).toMatch(/class="res-cpu layer"/)
  expect(charts).not.toMatch(/unattributed|pattern|class="outer"/)
})

test('an estimate is a band and in no stack', () => {
  const charts = view({ cpu_w: watts(null, { low: 5, high: 40, grade: 'D' }) })
  expect(charts).toMatch(/class="estimate"/)
  expect(charts).not.toMatch(/res-cpu|unattributed/)
})
