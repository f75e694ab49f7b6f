// What sensing costs: a read of each sensor, all of them at 10 and 100 Hz, and how late the sampler comes while the main
// thread does not answer.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { realHost } from '../dist/host/real-host.js'
import { defaultSensors, findSensorProvider } from '../dist/sensors/catalog.js'
import { fakePowercap } from './fake-powercap.mjs'
import { compare } from './harness.mjs'

const now = () => Number(process.hrtime.bigint())
const dist = new URL('../dist/', import.meta.url).href

/** Stand-ins for what this host lacks: counters in a folder, and the tests' NVML library where there is a compiler. */
async function standIns() {
  const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-bench-'))
  const library = join(scratch, 'libfake-nvml.so')
  const source = fileURLToPath(new URL('../test/fixtures/nvml/fake-nvml.c', import.meta.url))
  const built = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source, '-lm'])
  const zone = (at, name, watts) => ({ at, name, watts, start: 1e9 })
  const tree = await fakePowercap([
    zone('intel-rapl/intel-rapl:0', 'package-0', 42),
    zone('intel-rapl/intel-rapl:0/intel-rapl:0:0', 'core', 30),
    zone('intel-rapl/intel-rapl:0/intel-rapl:0:1', 'dram', 5),
  ])
  await sleep(300)
  process.env['TAILWATT_POWERCAP'] = tree.root
  if (built.status === 0) process.env['TAILWATT_NVML'] = library
  return async () => {
    delete process.env['TAILWATT_POWERCAP']
    delete process.env['TAILWATT_NVML']
    await tree.stop()
    rmSync(scratch, { recursive: true })
  }
}

async function reads() {
  const host = realHost()
  const real = new Set()
  for (const { kind } of defaultSensors()) {
    const opened = await (await findSensorProvider(kind)).open(host, {})
    if (!opened.ok) continue
    real.add(kind)
    await opened.sensor.close()
  }
  const end = await standIns()
  const watched = new SharedArrayBuffer(4)
  new Int32Array(watched)[0] = process.pid
  const opened = []
  for (const spec of defaultSensors()) {
    const provider = await findSensorProvider(spec.kind)
    const one = await provider.open(host, { ...spec.options, self: process.pid, watched })
    if (!one.ok || !('read' in one.sensor)) continue
    const { sensor } = one
    opened.push({
      name: `${spec.kind}, ${sensor.channels.length} channels${real.has(spec.kind) ? '' : ' (stand-in)'}`,
      sensor,
    })
  }
  const sink = { put: () => undefined }
  const n = 500
  // Some read no more often than ten times a second, by the time they are told.
  let at = now()
  const cost = (sensor) => () => {
    const before = process.cpuUsage()
    for (let i = 0; i < n; i++) sensor.read((at += 110e6), sink)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / n
  }
  const result = await compare({
    title: 'one read of each sensor, as at 10 Hz, a process watched',
    unit: 'µs of CPU',
    target: 'none; 100 µs at 100 Hz are 1 % of a core',
    rounds: 9,
    variants: opened.map(({ name, sensor }) => [name, cost(sensor)]),
  })
  for (const { sensor } of opened) sensor.close()
  await end()
  return result
}

const seconds = 3
const child = (...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

const sampled = (hz) => () =>
  child(
    '--input-type=module',
    '-e',
    `const { startSampler } = await import('${dist}session/sensing/sampler.js')
     const { defaultSensors } = await import('${dist}sensors/catalog.js')
     const sampler = ${hz} > 0 ? await startSampler({ sensors: defaultSensors().map((spec) => ({ spec })), hz: ${hz} || 1,
       epoch: 0n, watched: new SharedArrayBuffer(4), onSamples: () => undefined, onEvent: () => undefined }) : undefined
     await new Promise((done) => setTimeout(done, 1500))
     const before = process.cpuUsage()
     await new Promise((done) => setTimeout(done, ${seconds * 1000}))
     const { user, system } = process.cpuUsage(before)
     console.log((user + system) / 1e6 / ${seconds} * 100)
     await sampler?.stop()`,
  )

const lateness =
  (...args) =>
  () =>
    child(fileURLToPath(new URL('./sampler-lateness.mjs', import.meta.url)), ...args.map(String))

export async function sensing() {
  return [
    await reads(),
    await compare({
      title: 'all default sensors of this host: CPU time of the process',
      unit: '% of a core',
      target: 'none',
      rounds: 4,
      variants: [
        ['all at 10 Hz', sampled(10)],
        ['all at 100 Hz', sampled(100)],
        ['a process that sleeps', sampled(0)],
      ],
    }),
    await compare({
      title: 'how late readings come at 100 Hz, the main thread blocked in bursts of 50 ms',
      unit: 'ms',
      target: 'p99 at most 1 ms where the other core is idle',
      rounds: 4,
      variants: [
        ['sampler, all default sensors, the other core idle', lateness('sampler', seconds, 0)],
        ['sampler, all default sensors, both cores busy', lateness('sampler', seconds, 1)],
        ['setInterval on the main thread', lateness('timer', seconds, 0)],
      ],
    }),
  ].flat()
}
