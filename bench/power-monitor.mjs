// What PowerMonitor costs a process: its CPU time at 10 and 100 Hz against one that sleeps, as percent of a core, and what
// one window costs its thread.
import { spawnSync } from 'node:child_process'
import { compare } from './harness.mjs'

const seconds = 4
const library = new URL('../dist/index.js', import.meta.url).href

const child = (code) => () => {
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(result.stderr)
  return Number(result.stdout)
}

// Settled first: compiling and opening the sensors is paid once.
const settledCpu = `
  await new Promise((done) => setTimeout(done, 1500))
  const before = process.cpuUsage()
  await new Promise((done) => setTimeout(done, ${seconds * 1000}))
  const { user, system } = process.cpuUsage(before)
  console.log((user + system) / 1e6 / ${seconds} * 100)`

const monitored = (hz) =>
  child(`const { PowerMonitor } = await import('${library}')
  const monitor = await PowerMonitor.start({ hz: ${hz} })
  const span = monitor.begin('all')${settledCpu}
  await span.end()
  await monitor.stop()`)

const windowCost = child(`const { PowerMonitor } = await import('${library}')
  const monitor = await PowerMonitor.start({ hz: 10 })
  const batch = async () => {
    const spans = Array.from({ length: 200 }, () => monitor.begin('x'))
    await Promise.all(spans.map((span) => span.end()))
  }
  for (let i = 0; i < 10; i++) await batch()
  const before = process.cpuUsage()
  for (let i = 0; i < 10; i++) await batch()
  const { user, system } = process.cpuUsage(before)
  console.log((user + system) / 2000)
  await monitor.stop()`)

export async function powerMonitor() {
  return [
    await compare({
      title: 'PowerMonitor: CPU time of the process',
      unit: '% of a core',
      target: 'at most 1 % of a core at 10 Hz',
      rounds: 5,
      variants: [
        ['monitor at 10 Hz, one window open', monitored(10)],
        ['monitor at 100 Hz, one window open', monitored(100)],
        ['a process that sleeps', child(settledCpu)],
      ],
    }),
    await compare({
      title: 'PowerMonitor: begin and end of one window, 200 at a time',
      unit: 'µs of CPU',
      target: 'no target; the ends are computed when the next reading comes',
      rounds: 3,
      variants: [['tailwatt', windowCost]],
    }),
  ]
}
