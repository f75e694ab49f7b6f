// Real software events of a real process: what the kernel's performance counters say of a busy child agrees with what /proc
// says of it, for threads that were there before and those that came after.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { realHost } from '../dist/host/real-host.js'
import { processTimes } from '../dist/host/proc.js'
import { openPerfEvents, perfEvent } from '../dist/sensors/perf-event/perf-event.js'
import { openProcfs } from '../dist/sensors/procfs/procfs.js'
import type { PolledSensor } from '../dist/sensors/sensor.js'
import { needs } from './requirement.ts'

const probe = await perfEvent.open(realHost(), {})
if (probe.ok) await probe.sensor.close()
const counting = needs('perf', probe.ok, probe.ok ? '' : `perf_event_open: ${probe.reason}`)
const userOnly = probe.ok && /user mode only/.test(probe.note ?? '')

let child: ChildProcess | undefined
afterEach(() => child?.kill('SIGKILL'))

/** Two threads, one from the start and one that it starts at a word; each computes for half of its time. */
const program = `
  const { Worker } = require('node:worker_threads')
  const busy = 'const turn = () => { const end = Date.now() + 10; while (Date.now() < end); setTimeout(turn, 10) }; turn()'
  new Worker(busy, { eval: true }).on('online', () => process.stdout.write('ready'))
  process.stdin.on('data', () => new Worker(busy, { eval: true }).on('online', () => process.stdout.write('more')))
`

async function startChild(): Promise<number> {
  child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout!, 'data')
  return child.pid!
}

function read(sensor: PolledSensor): Record<string, number> {
  const found: Record<string, number> = {}
  sensor.read(Number(process.hrtime.bigint()), {
    put: (channel, _, value) => void (found[sensor.channels[channel]!.id] = value),
  })
  return found
}

const watching = (pid: number): SharedArrayBuffer => {
  const watched = new SharedArrayBuffer(16)
  Atomics.store(new Int32Array(watched), 0, pid)
  return watched
}
const cpuSeconds = (pid: number): number => processTimes(readFileSync(`/proc/${pid}/stat`, 'utf8'))!.cpu

counting('the task clock of a busy child is its CPU time', async () => {
  const pid = await startChild()
  const opened = openPerfEvents(realHost(), { watched: watching(pid) })
  if (!opened.ok) throw new Error(opened.reason)
  const { sensor } = opened
  read(sensor)
  const [clock, cpu] = [read(sensor)['perf-event/target/task-clock']!, cpuSeconds(pid)]
  child!.stdin!.write('x')
  await once(child!.stdout!, 'data')
  const end = cpu + 1.5
  const patience = Date.now() + 60_000
  while (cpuSeconds(pid) < end && Date.now() < patience) await sleep(50)
  const last = read(sensor)
  const used = cpuSeconds(pid) - cpu
  sensor.close()
  expect(used).toBeGreaterThan(1.4)
  // Ticks of 10 ms a thread on one side, moments of reading on the other.
  expect((last['perf-event/target/task-clock']! - clock) / used).toBeGreaterThan(0.93)
  expect((last['perf-event/target/task-clock']! - clock) / used).toBeLessThan(1.07)
  if (!userOnly) expect(last['perf-event/target/context-switches']).toBeGreaterThan(20)
  expect(last['perf-event/target/page-faults']).toBeGreaterThan(0)
  for (const value of Object.values(last)) expect(value).toBeGreaterThanOrEqual(0)
})

counting('its switches are those that /proc counts', async () => {
  const pid = await startChild()
  const watched = watching(pid)
  const opened = openPerfEvents(realHost(), { watched })
  if (!opened.ok) throw new Error(opened.reason)
  const procfs = openProcfs(realHost(), { watched })
  read(opened.sensor)
  read(procfs)
  await sleep(1500)
  const counters = read(opened.sensor)
  // Its threads are read a few at a time.
  for (let i = 0; i < 50; i++) read(procfs)
  const proc = read(procfs)
  opened.sensor.close()
  procfs.close()
  const ofProc = (proc['procfs/target/voluntary-switches'] ?? 0) + (proc['procfs/target/involuntary-switches'] ?? 0)
  expect(ofProc).toBeGreaterThan(20)
  if (userOnly) return
  expect(counters['perf-event/target/context-switches']! / ofProc).toBeGreaterThan(0.8)
  expect(counters['perf-event/target/context-switches']! / ofProc).toBeLessThan(1.25)
})

test('a host without rights, PMU or controllers has a row for each thing that is not counted', () => {
  const opened = openPerfEvents(realHost())
  const rows = opened.ok ? (opened.sensor.lacks ?? []) : [{ what: 'all', ...opened }]
  const ids = opened.ok ? opened.sensor.channels.map(({ id }) => id) : []
  const told = rows.map(({ what }) => what).join('; ')
  if (opened.ok) opened.sensor.close()
  if (!ids.includes('perf-event/target/cycles')) expect(told).toMatch(/hardware events|cycles|all/)
  if (!ids.some((id) => id.startsWith('perf-event/host/memory'))) expect(told).toMatch(/memory|all/)
  for (const { reason, remedy } of rows) expect(reason.length * remedy.length).toBeGreaterThan(0)
})
