import { expect, test } from 'vitest'
import type { ChannelRole } from '../../run/channel-role.ts'
import type { Channel } from '../../run/channel.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { cpuFigures } from './cpu-figures.ts'
import { deviceFigures } from './device-figures.ts'
import { cautionText } from '../../run/caution.ts'

const t = Float64Array.from({ length: 101 }, (_, i) => i * 1e8)
const series = (role: ChannelRole, rest: Partial<Channel>, value: (s: number) => number): ChannelSeries => ({
  channel: {
    id: `some sensor’s ${role}`,
    sensor: 'some',
    quantity: 'count',
    unit: '1',
    kind: 'counter',
    scope: 'process',
    role,
    ...rest,
  },
  t,
  value: t.map((at) => value(at / 1e9)),
})
const target = { subject: 'target' } as const
const window = { from: 1e9, to: 9e9 }

test('ratios and rates of the performance counters', () => {
  const figures = cpuFigures(
    [
      series('instructions', target, (s) => s * 3e9),
      series('cycles', target, (s) => s * 2e9),
      series('branch-misses', target, (s) => s * 10),
      series('migrations', target, (s) => s * 4),
      series('memory-read', { scope: 'host', subject: 'host', quantity: 'bytes', unit: 'B' }, (s) => s * 1e10),
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
      series('instructions', target, (s) => s * 3e9),
      series('cycles', target, (s) => (s > 3 && s < 5 ? Number.NaN : s * 2e9)),
    ],
    window,
  )
  expect(figures['ipc']!.value).toBeCloseTo(1.5, 6)
})

test('a ratio of counters that took turns has the interval of what was not counted, and says the share', () => {
  const group = 'any name'
  const figuresAt = (share: number) =>
    cpuFigures(
      [
        // Steps of 3.2 and 2.8 instructions a cycle in turn: 3 on the whole.
        series('instructions', { ...target, group }, (s) => s * 6e9 + (Math.round(s * 10) % 2) * 0.04e9),
        series('cycles', { ...target, group }, (s) => s * 2e9),
        series('time-running', { ...target, group, quantity: 'time', unit: 's' }, (s) => s * share),
        series('time-enabled', { ...target, group, quantity: 'time', unit: 's' }, (s) => s),
      ],
      window,
    )
  const whole = figuresAt(1)['ipc']!
  expect([whole.low, whole.high, whole.cautions]).toEqual([whole.value, whole.value, undefined])
  const half = figuresAt(0.5)['ipc']!
  expect(half.value).toBeCloseTo(3, 6)
  // 80 steps with a residual of ±0.04e9 to 0.2e9 cycles each, half of them counted.
  expect(half.high! - half.value!).toBeCloseTo(((1.9905 * 0.2) / Math.sqrt(79)) * Math.SQRT1_2, 4)
  expect(half.cautions).toBeUndefined()
  const fifth = figuresAt(0.2)
  expect(cautionText(fifth['ipc']!)).toMatch(/counted during 20 % of the time/)
  expect(fifth['counted_share']!.value).toBeCloseTo(0.2, 6)
})

test('what one sensor cannot count another may', () => {
  const both = [
    series('voluntary-switches', target, (s) => s * 30),
    series('involuntary-switches', target, (s) => s * 12),
  ]
  expect(cpuFigures(both, window)['context_switches_per_s']).toMatchObject({
    unit: '1/s',
    sources: ['some sensor’s voluntary-switches', 'some sensor’s involuntary-switches'],
  })
  expect(cpuFigures(both, window)['context_switches_per_s']!.value).toBeCloseTo(42, 6)
  const perf = series('context-switches', target, (s) => s * 50)
  expect(cpuFigures([...both, perf], window)['context_switches_per_s']!.value).toBeCloseTo(50, 6)
  // Nor does a higher rank that counts nothing stand in the way.
  const migrations = (rank: number, each: number) => series('migrations', { ...target, rank }, (s) => s * each)
  expect(cpuFigures([migrations(0, 2), migrations(1, 5)], window)['migrations_per_s']!.value).toBeCloseTo(5, 6)
  const still = { ...migrations(1, 5), t: new Float64Array(), value: new Float64Array() }
  expect(cpuFigures([migrations(0, 2), still], window)['migrations_per_s']!.value).toBeCloseTo(2, 6)
  // One of two parts is no sum.
  expect(cpuFigures(both.slice(1), window)['context_switches_per_s']).toBeUndefined()
})

test('of two sensors of a device the more precise gives the figure', () => {
  const gpu = { scope: 'gpu', device: 'a', quantity: 'utilization', unit: 'ratio', kind: 'average' } as const
  const [device] = deviceFigures(
    [
      series('utilization', gpu, () => 0.97),
      series('sm-utilization', gpu, () => 0.9),
      series('sm-utilization', { ...gpu, rank: 2 }, () => 0.41),
      series('sm-utilization', { ...gpu, rank: 1 }, () => 0.5),
      series('utilization', { ...gpu, subject: 'target', scope: 'process', rank: 3 }, () => 0.2),
      series('pcie-tx', { scope: 'gpu', device: 'a', quantity: 'bytes', unit: 'B' }, (s) => s * 1e6),
    ],
    window,
  )
  expect(device!.device).toBe('a')
  expect(device!.figures['sm_utilization']!.value).toBeCloseTo(0.41, 6)
  expect(device!.figures['utilization']!.value).toBeCloseTo(0.97, 6)
  expect(device!.figures['pcie_tx_per_s']).toMatchObject({ unit: 'B/s' })
})

test('stalls of the host and of the cgroup stand apart', () => {
  const seconds = { quantity: 'time', unit: 's' } as const
  const stalls = [
    series('psi-io-some', { ...seconds, scope: 'host', subject: 'host' }, (s) => s * 0.25),
    series('psi-io-some', { ...seconds, scope: 'cgroup', subject: 'cgroup' }, (s) => s * 0.125),
  ]
  const { psi_io_some: host, psi_cgroup_io_some: cgroup } = cpuFigures(stalls, window)
  expect([host!.value, cgroup!.value]).toEqual([0.25, 0.125])
})

test('a channel that does not say its role is no figure', () => {
  const { role: _, ...channel } = series('utilization', { scope: 'gpu', device: 'a' }, () => 1).channel
  expect(deviceFigures([{ channel, t, value: t }], window)).toEqual([])
})

test('nothing counted gives nothing', () => {
  expect(cpuFigures([], window)).toEqual({})
  expect(deviceFigures([], window)).toEqual([])
})

test('a role alone makes no count: a gauge that claims one is no figure', () => {
  const swings = (s: number): number => (Math.round(s * 10) % 2 === 0 ? 0.1 : 0.3)
  const gauge = { kind: 'gauge', quantity: 'utilization', unit: 'ratio', scope: 'host', subject: 'host' } as const
  expect(cpuFigures([series('psi-cpu-some', gauge, swings)], window)).toEqual({})
  expect(cpuFigures([series('psi-cpu-some', { ...gauge, kind: 'counter' }, (s) => s)], window)).toEqual({})
  expect(cpuFigures([series('migrations', { ...target, kind: 'gauge' }, swings)], window)).toEqual({})
})

test('the share counted names the channel that it is of', () => {
  const counted = [series('instructions', target, (s) => s * 3e9), series('cycles', target, (s) => s * 2e9)]
  expect(cpuFigures(counted, window)['counted_share']).toMatchObject({
    value: 1,
    sources: ['some sensor’s instructions'],
  })
})
