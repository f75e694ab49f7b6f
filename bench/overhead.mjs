// What profiling costs the profiled: the same session driven by the load host's loop (with recording, draining, storing
// and all sensors at 10 Hz) and by a bare loop, in turn. Pairs of blocks until the answer is known, or time is up.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildZoo, module, profile } from '../dist/index.js'
import { trimmed } from './harness.mjs'
import { blockNs, blockOf, isBare } from './overhead-blocks.mjs'

const seconds = 240
/** Left out at both ends of a block: switching over. */
const edgeNs = 0.04e9
const limit = 0.01

export async function overhead() {
  const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-bench-'))
  const log = join(scratch, 'begun.json')
  await profile({
    target: module(new URL('./overhead-target.mjs', import.meta.url).href, {
      path: await buildZoo('mobilenetv2'),
      log,
      threads: 1,
    }),
    sensors: [{ kind: new URL('./overhead-sensors.mjs', import.meta.url).href, options: {} }],
    for: `${seconds}s`,
    cold: 1,
    out: scratch,
  })
  const blocks = new Map()
  for (const at of JSON.parse(readFileSync(log, 'utf8'))) {
    const inBlock = at % blockNs
    if (inBlock < edgeNs || inBlock > blockNs - edgeNs) continue
    const block = blocks.get(blockOf(at)) ?? { first: at, last: at, n: -1 }
    block.last = at
    block.n++
    blocks.set(blockOf(at), block)
  }
  rmSync(scratch, { recursive: true })
  const perInference = (index) => {
    const block = blocks.get(index)
    return block && block.n > 10 ? (block.last - block.first) / block.n : undefined
  }
  // Neighbours: 0 with 1, and 2 with 3, of each four. The control pairs 1 with 2 and 3 with 0: nothing differs there.
  const real = []
  const control = []
  for (const index of blocks.keys()) {
    const [a, b] = [perInference(index), perInference(index + 1)]
    if (a === undefined || b === undefined) continue
    if (isBare(index * blockNs) === isBare((index + 1) * blockNs)) control.push(Math.log(b / a))
    else real.push(Math.log(isBare(index * blockNs) ? b / a : a / b))
  }
  const [found, nothing] = [real, control].map(trimmed)
  return {
    title: 'overhead: a profiled zoo:mobilenetv2 loop against a bare loop on the same session, sensors at 10 Hz',
    unit: '% slower',
    target: 'at most 1 %, resolved; else "unresolved" with its half-width',
    verdict: verdict(found),
    overhead: found,
    control: nothing,
  }
}

function verdict({ mean, half }) {
  if (mean + half <= limit) return `resolved: at most ${(100 * Math.max(0, mean + half)).toFixed(2)} % slower`
  if (mean - half > limit) return `resolved: more than ${100 * limit} % slower`
  return `unresolved: ± ${(100 * half).toFixed(2)} %`
}
