// Whether an open live page disturbs what is measured: one run whose page is fed and read in some blocks and not in others
// (off, on, on, off), and the latency of each side.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildZoo, constant, http, onnx, openRun, profile, serveLive } from '../dist/index.js'
import { quantiles } from '../dist/stats/quantile.js'
import { trimmed } from './harness.mjs'

/** Seconds of each, where they are to be others: TAILWATT_LIVE_S=0,100. */
const lengths = (process.env['TAILWATT_LIVE_S'] ?? '100,40').split(',').map(Number)
const blockS = 1
/** Left out at the beginning of a block: a drawing may still be on its way. */
const edgeS = 0.05
const ps = { p50: 0.5, p99: 0.99 }
const blockOf = (seconds) => Math.floor(seconds / blockS)
const isOn = (block) => [1, 2].includes(block % 4)
/** Neither side of this differs in anything but time. */
const isLater = (block) => [2, 3].includes(block % 4)

async function blocksOf(options, seconds) {
  const out = mkdtempSync(join(tmpdir(), 'tailwatt-bench-'))
  const page = await serveLive({ target: options.target })
  const viewer = spawn('curl', ['-sN', '--output', '/dev/null', `${page.url}events`], { stdio: 'ignore' })
  try {
    const run = await profile({
      ...options,
      for: `${seconds}s`,
      cold: 1,
      idle: 0,
      out,
      includeWarmup: true,
      onProgress: (progress) => {
        if (progress.stage === 'load' && isOn(blockOf(progress.elapsed_s))) page.show(progress)
      },
    })
    if (page.viewers !== 1) throw new Error(`${page.viewers} were watching`)
    const measured = await (await openRun(run.folder)).measured()
    const begun = measured.events.find(
      ({ kind, data }) => kind === 'phase' && data.name === 'load' && data.edge === 'begin',
    )
    const blocks = new Map()
    for (const { length, scheduled, done, status } of measured.requests) {
      for (let i = 0; i < length; i++) {
        const at = (scheduled[i] - begun.t) / 1e9
        if (status[i] !== 0 || !(at > 0) || at % blockS < edgeS) continue
        const block = blockOf(at)
        if (!blocks.has(block)) blocks.set(block, [])
        blocks.get(block).push((done[i] - scheduled[i]) / 1e6)
      }
    }
    // The first eight hold the beginning, and the last are not whole.
    const whole = Math.floor(seconds / blockS / 4) * 4
    return [...blocks].filter(([block]) => block >= 8 && block < whole)
  } finally {
    viewer.kill()
    await page.end({ message: 'done' })
    rmSync(out, { recursive: true })
  }
}

/**
 * Ratio of a percentile on the two sides: within each four blocks, then the trimmed mean of the logarithms over all of them
 * (a fifth at each end: neighbours of a shared host) with Yuen's interval.
 */
function ratio(blocks, side, p) {
  const groups = new Map()
  for (const [block, latencies] of blocks) {
    const group = Math.floor(block / 4)
    if (!groups.has(group)) groups.set(group, { on: [], off: [], n: 0 })
    groups.get(group)[side(block) ? 'on' : 'off'].push(...latencies)
    groups.get(group).n++
  }
  const at = (values) => quantiles(Float64Array.from(values), [p])[0]
  const whole = [...groups.values()].filter(({ n }) => n === 4)
  const { mean, half, n } = trimmed(whole.map(({ on, off }) => Math.log(at(on) / at(off))))
  return { ratio: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half), groups: n }
}

const sideOf = (blocks, on, p) =>
  quantiles(Float64Array.from(blocks.filter(([block]) => isOn(block) === on).flatMap(([, values]) => values)), [p])[0]

export async function live() {
  const server = fork(new URL('./null-server.mjs', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [port] = await once(server, 'message')
  const scenarios = [
    ['http at 200/s', { target: http(`http://127.0.0.1:${port}/`), load: constant({ rate: 200 }) }, lengths[0]],
    ['zoo:mlp, closed loop', { target: onnx(await buildZoo('mlp')) }, lengths[1]],
  ]
  const cells = []
  const found = []
  for (const [name, options, seconds] of scenarios) {
    if (!(seconds > 0)) continue
    const blocks = await blocksOf(options, seconds)
    for (const [label, p] of Object.entries(ps)) {
      const real = ratio(blocks, isOn, p)
      const control = ratio(blocks, isLater, p)
      const text = ({ ratio: value, low, high }) => `${value.toFixed(3)} (${low.toFixed(3)} … ${high.toFixed(3)})`
      cells.push([
        `${name}, ${label}`,
        sideOf(blocks, false, p).toPrecision(3),
        sideOf(blocks, true, p).toPrecision(3),
        text(real),
        text(control),
        real.groups,
      ])
      found.push({ name, percentile: label, real, control })
    }
  }
  server.disconnect()
  return {
    title: 'a run with its live page open against the same run without',
    target: 'no effect that can be told from the control',
    columns: ['', 'page off, ms', 'page open, ms', 'ratio (95 % interval)', 'control', 'groups of four blocks'],
    cells,
    found,
  }
}
