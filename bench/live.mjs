// Whether an open live page disturbs what is measured: one run whose page is fed and read in some blocks and not in others
// (off, on, on, off), and the latency of each side.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '../dist/base/random.js'
import { buildZoo, constant, http, onnx, openRun, profile, serveLive } from '../dist/index.js'
import { quantiles } from '../dist/stats/quantile.js'

const blockS = 4
/** Left out at the beginning of a block: a drawing may still be on its way. */
const edgeS = 0.25
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
    // The first four hold the beginning, and the last are not whole.
    const whole = Math.floor(seconds / blockS / 4) * 4
    return [...blocks].filter(([block]) => block >= 4 && block < whole)
  } finally {
    viewer.kill()
    await page.end({ message: 'done' })
    rmSync(out, { recursive: true })
  }
}

/** Ratio of a percentile on the two sides, with a 95 % bootstrap interval over groups of four blocks. */
function ratio(blocks, side, p) {
  const groups = Map.groupBy
    ? Map.groupBy(blocks, ([block]) => Math.floor(block / 4))
    : blocks.reduce((map, one) => {
        const group = Math.floor(one[0] / 4)
        return map.set(group, [...(map.get(group) ?? []), one])
      }, new Map())
  const all = [...groups.values()]
  const of = (chosen) => {
    const pool = (which) => {
      const values = Float64Array.from(
        chosen
          .flat()
          .filter(([block]) => side(block) === which)
          .flatMap(([, latencies]) => latencies),
      )
      return quantiles(values, [p])[0]
    }
    return { on: pool(true), off: pool(false) }
  }
  const random = new Random(1)
  const found = of(all)
  const drawn = Array.from({ length: 400 }, () => {
    const { on, off } = of(all.map(() => all[Math.floor(random.uniform() * all.length)]))
    return on / off
  })
  const [low, high] = quantiles(Float64Array.from(drawn), [0.025, 0.975])
  return { ...found, ratio: found.on / found.off, low, high, groups: all.length }
}

export async function live() {
  const server = fork(new URL('./null-server.mjs', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [port] = await once(server, 'message')
  const scenarios = [
    ['http at 200/s', { target: http(`http://127.0.0.1:${port}/`), load: constant({ rate: 200 }) }, 112],
    ['zoo:mlp, closed loop', { target: onnx(await buildZoo('mlp')) }, 80],
  ]
  const cells = []
  const found = []
  for (const [name, options, seconds] of scenarios) {
    const blocks = await blocksOf(options, seconds)
    for (const [label, p] of Object.entries(ps)) {
      const real = ratio(blocks, isOn, p)
      const control = ratio(blocks, isLater, p)
      const text = ({ ratio: value, low, high }) => `${value.toFixed(3)} (${low.toFixed(3)} … ${high.toFixed(3)})`
      cells.push([`${name}, ${label}`, real.off.toPrecision(3), real.on.toPrecision(3), text(real), text(control)])
      found.push({ name, percentile: label, real, control })
    }
  }
  server.disconnect()
  return {
    title: 'a run with its live page open against the same run without',
    target: 'no effect that can be told from the control',
    columns: ['', 'page off, ms', 'page open, ms', 'ratio (95 % interval)', 'control'],
    cells,
    found,
  }
}
