import { expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { cpuFigures } from './cpu-figures.ts'
import { deviceFigures } from './device-figures.ts'

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
      series('perf-event/target/instructions', {}, (s) => s * 3e9),
      series('perf-event/target/cycles', {}, (s) => s * 2e9),
      series('perf-event/target/branch-misses', {}, (s) => s * 10),
      series('perf-event/target/migrations', {}, (s) => s * 4),
      series('perf-event/host/memory-read', { scope: 'host', quantity: 'bytes', unit: 'B' }, (s) => s * 1e10),
    ],
    window,
  )
  expect(figures['ipc']!.value).toBeCloseTo(1.5, 6)
  expect(figures['migrations_per_s']!.value).toBeCloseTo(4, 6)
  expect(figures['memory_read_bytes_per_s']).toMatchObject({ unit: 'B/s' })
  // Misses without branches are no rate.
  expect(figures['branch_miss_rate']).toBeUndefined()
})

test('a counter that was unknown for a while makes no ratio larger', () => {
  const figures = cpuFigures(
    [
      series('perf-event/target/instructions', {}, (s) => s * 3e9),
      series('perf-event/target/cycles', {}, (s) => (s > 3 && s < 5 ? Number.NaN : s * 2e9)),
    ],
    window,
  )
  expect(figures['ipc']!.value).toBeCloseTo(1.5, 6)
})

test('a ratio of counters that took turns has the interval of what was not counted, and says the share', () => {
  const group = 'perf-event/target/cycles'
  const figuresAt = (share: number) =>
    cpuFigures(
      [
        // Steps of 3.2 and 2.8 instructions a cycle in turn: 3 on the whole.
        series('perf-event/target/instructions', { group }, (s) => s * 6e9 + (Math.round(s * 10) % 2) * 0.04e9),
        series('perf-event/target/cycles', { group }, (s) => s * 2e9),
        series(`${group}/running`, { quantity: 'time', unit: 's' }, (s) => s * share),
        series(`${group}/enabled`, { quantity: 'time', unit: 's' }, (s) => s),
      ],
      window,
    )
  const whole = figuresAt(1)['ipc']!
  expect([whole.low, whole.high, whole.caution]).toEqual([whole.value, whole.value, undefined])
  const half = figuresAt(0.5)['ipc']!
  expect(half.value).toBeCloseTo(3, 6)
  // 80 steps with a residual of ±0.04e9 to 0.2e9 cycles each, half of them counted.
  expect(half.high! - half.value!).toBeCloseTo(((1.9905 * 0.2) / Math.sqrt(79)) * Math.SQRT1_2, 4)
  expect(half.caution).toBeUndefined()
  const fifth = figuresAt(0.2)
  expect(fifth['ipc']!.caution).toMatch(/counted during 20 % of the time/)
  expect(fifth['counted_share']!.value).toBeCloseTo(0.2, 6)
})

test('what one sensor cannot count another may', () => {
  const switches = (id: string, each: number): ChannelSeries => series(`procfs/target/${id}`, {}, (s) => s * each)
  const both = [switches('voluntary-switches', 30), switches('involuntary-switches', 12)]
  expect(cpuFigures(both, window)['context_switches_per_s']).toMatchObject({
    unit: '1/s',
    source: 'procfs/target/voluntary-switches + procfs/target/involuntary-switches',
  })
  expect(cpuFigures(both, window)['context_switches_per_s']!.value).toBeCloseTo(42, 6)
  const perf = series('perf-event/target/context-switches', {}, (s) => s * 50)
  expect(cpuFigures([...both, perf], window)['context_switches_per_s']!.value).toBeCloseTo(50, 6)
  // One of two parts is no sum.
  expect(cpuFigures(both.slice(1), window)['context_switches_per_s']).toBeUndefined()
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
