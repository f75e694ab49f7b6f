import { expect, test } from 'vitest'
import type { Figure, WatchTick } from '../index.ts'
import { meters, missingLines, tickLine, watchSummary } from './meters.ts'
import { columns, style } from './style.ts'

const figure = (
  value: number | null,
  low: number,
  high: number,
  grade: Figure['grade'] & string,
  unit = 'W',
): Figure => ({
  value,
  low,
  high,
  n: 6,
  unit,
  grade,
})

const bare: WatchTick = {
  at: '2026-01-01T00:00:00.000Z',
  t_s: 12.04,
  window_s: 0.5,
  power_w: figure(null, 1.2, 9.8, 'D'),
  cpu: { cpus: 2, busy: 0.48, steal: 0, clock_mhz: null, temperature_c: null, power_w: figure(null, 1.2, 9.8, 'D') },
  gpus: [],
  system: { power_w: null },
  process: null,
  so_far: {
    s: 12,
    joules: figure(null, 14.4, 117.6, 'D', 'J'),
    mean_w: figure(null, 1.2, 9.8, 'D'),
    max_w: figure(null, 2, 12, 'D'),
    mean_busy: 0.4,
    max_busy: 0.9,
  },
  outages: [],
  unmeasured: [
    { what: 'gpu_w', reason: 'no driver', remedy: 'install it' },
    { what: 'cpu_clock', reason: 'no sensor of this host gives it', remedy: 'doctor' },
  ],
}

const server: WatchTick = {
  ...bare,
  power_w: figure(700, 690, 710, 'C'),
  cpu: { cpus: 64, busy: 0.97, steal: 0.03, clock_mhz: 3412, temperature_c: 71.5, power_w: figure(280, 275, 285, 'B') },
  gpus: [
    {
      device: 'GPU-1',
      utilization: 0.82,
      memory_used_bytes: 12.3e9,
      memory_total_bytes: 80e9,
      clock_mhz: 1410,
      temperature_c: 66,
      power_w: figure(420, 410, 430, 'C'),
    },
    {
      device: 'GPU-2',
      utilization: null,
      memory_used_bytes: null,
      memory_total_bytes: null,
      clock_mhz: null,
      temperature_c: null,
      power_w: null,
    },
  ],
  system: { power_w: figure(810, 800, 820, 'A') },
  process: { pid: 4242, name: 'a-very-long-name', state: 'running', cpus: 51.3, share: 0.83, memory_bytes: 4.2e9 },
  outages: [{ sensor: 'rapl', reason: 'it gave no reading' }],
}

const plain = style(false, 80)

test('a server: every device with its load, power with grade, clock and temperature', () => {
  const text = meters(server, [], plain)
  expect(text).toMatch(/CPU +█+░* +97 % +64 CPUs · 3\.0 % stolen · 3\.41 GHz/)
  expect(text).toContain('71.5 °C')
  expect(text).toContain('280 W ±1.8 % (grade B)')
  expect(text).toMatch(/GPU 0 +█+░+ +82 %/)
  expect(text).toContain('12.3 GB of 80.0 GB')
  expect(text).toContain('system')
  expect(text).toContain('810 W ±1.2 % (grade A)')
  expect(text).toMatch(/a-very-… █+░+ +80 % +pid 4242/)
  expect(text).toContain('83 % of the CPU time used')
  expect(text).toMatch(/lost +rapl: it gave no reading/)
})

test('what is not measured is a dash or says so, never 0', () => {
  const text = meters(server, [], plain)
  expect(text).toMatch(/GPU 1 +░+ +– +power not measured/)
  expect(meters({ ...bare, cpu: { ...bare.cpu, busy: null } }, [], plain)).toMatch(/CPU +░+ +– /)
})

test('an estimate is a range with its grade on every view', () => {
  expect(meters(bare, [], plain)).toContain('1.20 … 9.80 W (estimate, grade D)')
  expect(tickLine(bare)).toBe('12.0 s · CPU 48 % 1.2 … 9.8 W (D)')
  expect(watchSummary(bare, plain)).toContain('energy 14.4 … 118 J (estimate, grade D)')
})

test.each([100, 80, 60, 40])('no line is wider than a terminal of %i columns', (width) => {
  for (const tick of [bare, server]) {
    const history = Array.from({ length: 200 }, (_, i) => 100 + i)
    const lines = [...meters(tick, history, style(true, width)).split('\n'), ...missingLines(tick, style(true, width))]
    expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(width)
  }
})

test('a process that has ended is said to have ended', () => {
  const ended: WatchTick = {
    ...server,
    process: { pid: 4242, name: 'node', state: 'ended', cpus: null, share: null, memory_bytes: null },
  }
  expect(meters(ended, [], plain)).toContain('process 4242 has ended')
  expect(tickLine(ended)).toContain('node (4242) has ended')
})

test('what is missing is named with the way to get it', () => {
  expect(missingLines(bare, plain).join(' ')).toMatch(/gpu_w, cpu_clock.*`tailwatt doctor`/)
  const { unmeasured: _, ...later } = bare
  expect(missingLines(later, plain)).toEqual([])
})

test('the curve of power needs a few ticks and no power makes none', () => {
  expect(meters(bare, [5, 10, 5, 2.5], plain)).toMatch(/power +▅█▅▃ up to 10\.0 W/)
  expect(meters(bare, [0, 0, 0, 0], plain)).not.toContain('up to')
})

test('without energy the summary says how it could be had', () => {
  const none: WatchTick = {
    ...bare,
    power_w: null,
    so_far: { ...bare.so_far, joules: null, mean_w: null, max_w: null },
  }
  expect(watchSummary(none, plain)).toContain('power was not measured: `tailwatt doctor`')
  expect(meters(none, [], plain)).toContain('no energy is measured')
})
