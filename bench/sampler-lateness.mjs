// Run by sensors.mjs in a process of its own: a main thread that is blocked in bursts of 50 ms, and either the sampler with
// all default sensors or a timer of the main thread; prints how late the readings came, ms.
//   node sampler-lateness.mjs sampler|timer SECONDS SPINNERS
import { Worker } from 'node:worker_threads'
import { defaultSensors } from '../dist/sensors/catalog.js'
import { startSampler } from '../dist/session/sensing/sampler.js'
import { quantiles } from '../dist/stats/quantile.js'

const [way, seconds, spinners] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const hz = 100
const period = 1e9 / hz
const now = () => Number(process.hrtime.bigint())

const spin = Array.from({ length: spinners }, () => new Worker('for (;;);', { eval: true }))
const times = []
let stop = () => undefined
if (way === 'timer') {
  const timer = setInterval(() => times.push(now()), 1e3 / hz)
  stop = () => clearInterval(timer)
} else {
  const tick = { kind: new URL('./tick-sensor.mjs', import.meta.url).href, options: {} }
  const sampler = await startSampler({
    sensors: [tick, ...defaultSensors()].map((spec) => ({ spec })),
    hz,
    epoch: 0n,
    watched: new SharedArrayBuffer(4),
    onSamples: ({ length, channel, t }) => {
      for (let i = 0; i < length; i++) if (channel[i] === 0) times.push(t[i])
    },
    onEvent: () => undefined,
  })
  stop = () => sampler.stop()
}
const settled = now() + 1e9
const last = settled + seconds * 1e9
const burst = () => {
  for (const until = now() + 50e6; now() < until;);
  if (now() < last) setImmediate(burst)
  else void end()
}
burst()

async function end() {
  await stop()
  for (const worker of spin) await worker.terminate()
  console.log(JSON.stringify(lateness(times.filter((t) => t > settled && t < last))))
}

// Against a plan of equal distances. The sampler plans anew when it is late by a period or more; a reading that is left out
// is late by its whole period.
function lateness(at) {
  const late = []
  let now = 0
  for (let i = 1; i < at.length; i++) {
    const gap = at[i] - at[i - 1]
    now = now >= period ? Math.max(0, gap - period) : now + gap - period
    late.push(now)
  }
  // The first reading may have been late itself.
  const least = late.reduce((min, value) => Math.min(min, value), 0)
  const [p50, p99, max] = quantiles(
    Float64Array.from(late, (value) => (value - least) / 1e6),
    [0.5, 0.99, 1],
  )
  return { p50, p99, max }
}
