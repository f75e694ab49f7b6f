import { expect, test } from 'vitest'
import { LiveHistory } from './live-history.ts'

const progress = (elapsed_s: number, p50_ms = 2, max_ms = 3) => ({
  stage: 'load' as const,
  elapsed_s,
  sent: 10,
  failed: 0,
  recent: { s: 0.2, requests: 10, p50_ms, p99_ms: 2.5, max_ms },
})

test('a long run keeps its course in a bounded number of points: no request and no maximum is lost', () => {
  const history = new LiveHistory()
  for (let i = 1; i <= 10_000; i++) history.add(progress(i / 5, 2 + (i % 2), i === 4321 ? 99 : 3))
  expect(history.points.length).toBeLessThanOrEqual(600)
  expect(history.points.reduce((sum, point) => sum + point.requests, 0)).toBe(100_000)
  expect(Math.max(...history.points.map((point) => point.max_ms!))).toBe(99)
  // A kept median is one that was measured.
  expect(history.points.every((point) => point.p50_ms === 2 || point.p50_ms === 3)).toBe(true)
  expect(history.points.map((point) => point.t_s)).toEqual(
    history.points.map((point) => point.t_s).sort((a, b) => a - b),
  )
})

test('a repeat begins the course anew', () => {
  const history = new LiveHistory()
  history.add(progress(1))
  history.add(progress(2))
  history.add(progress(0.2))
  expect(history.points.map((point) => point.t_s)).toEqual([0.2])
})

test('what is not measured is left out, and of several GPUs the hottest and the slowest stand', () => {
  const history = new LiveHistory()
  const gpu = { device: 'g', utilization: null, memory_used_bytes: null, memory_total_bytes: null }
  const point = history.add({
    ...progress(1),
    power: { system_w: null, cpu_w: null, gpu_w: null },
    devices: {
      cpu: { clock_mhz: null, temperature_c: null },
      gpus: [
        { ...gpu, clock_mhz: 1980, temperature_c: 60 },
        { ...gpu, clock_mhz: 1200, temperature_c: 85 },
        { ...gpu, clock_mhz: null, temperature_c: null },
      ],
    },
  })
  expect(Object.keys(point)).toEqual(['t_s', 'requests', 's', 'p50_ms', 'p99_ms', 'max_ms', 'gpu_c', 'gpu_mhz'])
  expect(point).toMatchObject({ gpu_c: 85, gpu_mhz: 1200 })
})
