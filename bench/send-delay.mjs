// How late requests are sent: by their own account to a target that does nothing, and, for clients that keep no such
// account, as a server sees them arrive.
import { fork, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { constant, http, module, profile } from '../dist/index.js'
import { quantiles } from '../dist/stats/quantile.js'
import { compare } from './harness.mjs'

const seconds = 2
const now = () => Number(process.hrtime.bigint())

const twoOf = (delays) => {
  const [p50, p99] = quantiles(Float64Array.from(delays), [0.5, 0.99])
  return { p50: p50 / 1e3, p99: p99 / 1e3 }
}

async function ours(target, load) {
  const out = mkdtempSync(join(tmpdir(), 'tailwatt-bench-'))
  try {
    const run = await profile({ target, load, for: `${seconds}s`, cold: 1, sensors: [], out, includeWarmup: true })
    const { p50, p99 } = run.document.send_delay_ms
    return { p50: Math.max(0.001, p50.value * 1e3), p99: p99.value * 1e3 }
  } finally {
    rmSync(out, { recursive: true })
  }
}

/** The usual way: a timer for the next request, and all that is due is sent when it fires. */
const byTimers = (rate) => () =>
  new Promise((resolve) => {
    const delays = []
    const begin = now() + 1e7
    const last = rate * seconds
    const step = () => {
      for (;;) {
        const planned = begin + (delays.length * 1e9) / rate
        const late = now() - planned
        if (late < 0) break
        delays.push(late)
        if (delays.length === last) return resolve(twoOf(delays))
      }
      setTimeout(step, Math.max(0, (begin + (delays.length * 1e9) / rate - now()) / 1e6))
    }
    step()
  })

/** Lateness against the schedule that starts as early as the arrivals allow. */
function lateness(arrivals, rate) {
  const gap = 1e9 / rate
  const offsets = arrivals.map((at, i) => at - i * gap)
  const zero = offsets.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  return twoOf(offsets.map((value) => Math.max(1, value - zero)))
}

export async function sendDelay() {
  const results = []
  const nothing = module(new URL('./null-target.mjs', import.meta.url).href)
  for (const rate of [1000, 10_000]) {
    results.push(
      await compare({
        title: `send delay at ${rate} requests/s to a null target`,
        unit: 'µs',
        target: 'p50 at most 2 µs spinning and 120 µs sleeping, p99 at most 100 µs spinning',
        rounds: 5,
        variants: [
          ['tailwatt --pacing spin', () => ours(nothing, constant({ rate, pacing: 'spin' }))],
          ['tailwatt, sleeping (default)', () => ours(nothing, constant({ rate }))],
          ['setTimeout', byTimers(rate)],
        ],
      }),
    )
  }
  const server = fork(new URL('./null-server.mjs', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [port] = await once(server, 'message')
  const url = `http://127.0.0.1:${port}/`
  const cannon = createRequire(import.meta.url).resolve('autocannon/autocannon.js')
  const seen = (rate, send) => async () => {
    await send()
    const answer = once(server, 'message')
    server.send('take')
    const [arrivals] = await answer
    // The first half second opens connections and compiles both sides.
    return lateness(arrivals.slice(rate / 2), rate)
  }
  const rate = 1000
  results.push(
    await compare({
      title: `arrivals at an HTTP server at ${rate} requests/s, lateness against their own best schedule`,
      unit: 'µs',
      target: 'none; autocannon keeps no account of its own, so all are seen from outside',
      rounds: 5,
      variants: [
        ['tailwatt, sleeping (default)', seen(rate, () => ours(http(url), constant({ rate })))],
        ['tailwatt --pacing spin', seen(rate, () => ours(http(url), constant({ rate, pacing: 'spin' })))],
        [
          'autocannon -R',
          seen(rate, async () => {
            const child = spawn(
              process.execPath,
              [cannon, '-c', '10', '-R', String(rate), '-d', String(seconds), url],
              {
                stdio: 'ignore',
              },
            )
            await once(child, 'exit')
          }),
        ],
      ],
    }),
  )
  server.disconnect()
  return results.flat()
}
