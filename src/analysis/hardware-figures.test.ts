import { expect, test } from 'vitest'
import type { Channel } from '../run/channel.ts'
import type { ChannelSeries } from './channel-series.ts'
import { cpuFigures, deviceFigures } from './hardware-figures.ts'

const t = Float64Array.from({ length: 101 }, (_, i) => i * 1e8)
const series = (id: string, rest: Partial<Channel>, value: (s: number) => number): ChannelSeries => ({
  channel: { id, sensor: id.split('/')[0]!, quantity: 'count', unit: '1', kind: 'counter', scope: 'process', ...rest },
  t,
  value: t.map((at) => value(at / 1e9)),
})
const window = { from: 1e9, to: 9e9 }

test('ratios and rates of the performance counters', () => {
  const figures = cpuFigures(
    [
      series('perf/target/instructions', {}, (s) => s * 3e9),
      series('perf/target/cycles', {}, (s) => s * 2e9),
      series('perf/target/branch-misses', {}, (s) => s * 10),
      series('perf/target/migrations', {}, (s) => s * 4),
      series('perf/host/memory-read', { scope: 'host', quantity: 'bytes', unit: 'B' }, (s) => s * 1e10),
    ],
    window,
  )
  expect(figures['ipc']!.value).toBeCloseTo(1.5, 6)
  expect(figures['migrations_per_s']!.value).toBeCloseTo(4, 6)
  expect(figures['memory_read_bytes_per_s']).toMatchObject({ unit: 'B/s' })
  // Misses without branches are no rate.
  expect(figures['branch_miss_rate']).toBeUndefined()
})

test('of two sensors of a device the more precise gives the figure', () => {
  const gpu = { scope: 'gpu', device: 'a', quantity: 'utilisation', unit: 'ratio', kind: 'average' } as const
  const [device] = deviceFigures(
    [
      series('nvml/a/utilisation', gpu, () => 0.97),
      series('nvml/a/sm-utilisation', gpu, () => 0.9),
      series('gpm/a/sm-utilisation', gpu, () => 0.41),
      series('nvml/a/pcie-tx', { scope: 'gpu', device: 'a', quantity: 'bytes', unit: 'B' }, (s) => s * 1e6),
    ],
    window,
  )
  expect(device!.device).toBe('a')
  expect(device!.figures['sm_utilisation']!.value).toBeCloseTo(0.41, 6)
  expect(device!.figures['utilisation']!.value).toBeCloseTo(0.97, 6)
  expect(device!.figures['pcie_tx_per_s']).toMatchObject({ unit: 'B/s' })
})

test('nothing counted gives nothing', () => {
  expect(cpuFigures([], window)).toEqual({})
  expect(deviceFigures([], window)).toEqual([])
})
