// `npm run bench`: all benchmarks, as a table and as JSON in bench/results/.
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { createHistogram } from 'node:perf_hooks'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { DDSketch } from '@datadog/sketches-js'
import * as hdr from 'hdr-histogram-js'

import { LogLinearHistogram } from '../dist/stats/histogram.js'
import { quantiles } from '../dist/stats/quantile.js'
import { compare } from './harness.mjs'
import { energyPeers } from './energy-peers.mjs'
import { live } from './live.mjs'
import { overhead } from './overhead.mjs'
import { powerMonitor } from './power-monitor.mjs'
import { sendDelay } from './send-delay.mjs'
import { sensing } from './sensors.mjs'

process.env.ORT_DISABLE_TELEMETRY ??= '1'
const require = createRequire(import.meta.url)
const now = () => Number(process.hrtime.bigint())

async function recorder() {
  const n = 1 << 20
  const latencies = Float64Array.from({ length: n }, (_, i) =>
    Math.round(1e6 * Math.exp(0.5 * Math.sin(i * 12.9898) + ((i * 7919) % 1000) / 1000)),
  )
  // Each recorder gets a loop of its own, as in a program that uses one: in a shared loop the call itself would be most
  // of what is measured. Equal texts share their compiled code: the number keeps them apart.
  let number = 0
  const perRecord = (make, statement) => {
    const text = `/* ${number++} */ for (let i = 0; i < n; i++) { const v = values[i]; ${statement} }`
    const loop = new Function('h', 'values', 'n', text)
    return () => {
      const target = make()
      const from = now()
      loop(target, latencies, n)
      return (now() - from) / n
    }
  }
  await hdr.initWebAssembly()
  return compare({
    title: 'recorder, one value with count, sum, min, max and its time',
    unit: 'ns',
    target: 'at most 6 ns, and at least 2 × faster than the others',
    variants: [
      ['tailwatt LogLinearHistogram', perRecord(() => new LogLinearHistogram(), 'h.record(v, i)')],
      ['node createHistogram', perRecord(() => createHistogram(), 'h.record(v)')],
      ['hdr-histogram-js', perRecord(() => hdr.build({ useWebAssembly: false }), 'h.recordValue(v)')],
      ['hdr-histogram-js (WebAssembly)', perRecord(() => hdr.build({ useWebAssembly: true }), 'h.recordValue(v)')],
      ['@datadog/sketches-js', perRecord(() => new DDSketch({ relativeAccuracy: 0.004 }), 'h.accept(v)')],
    ],
  })
}

async function percentiles() {
  const samples = Float64Array.from(
    { length: 10_000_000 },
    (_, i) => 1e6 * Math.exp(Math.sin(i * 12.9898) * 2 + ((i * 7919) % 10007) / 10007),
  )
  const ps = [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999]
  const seconds = (work) => () => {
    const from = now()
    work()
    return (now() - from) / 1e9
  }
  return compare({
    title: 'exact p50 … p99.99 of 10 million samples',
    unit: 's',
    target: 'at most 0.3 s',
    rounds: 5,
    variants: [
      ['tailwatt, selection', seconds(() => quantiles(samples, ps))],
      ['sorting a copy', seconds(() => samples.slice().sort())],
    ],
  })
}

/** A graph of 200 MatMuls whose weights are holes in a sparse file: 1 GB that takes no disk. */
async function structure() {
  const { fixture } = await import('./gigabyte-model.mjs')
  const path = join(tmpdir(), 'tailwatt-bench-1gb.onnx')
  fixture(path, { openSync, writeSync, closeSync })
  const child = (code) => () => {
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
    if (result.status !== 0) throw new Error(result.stderr)
    return Number(result.stdout)
  }
  const dist = new URL('../dist/', import.meta.url).href
  const ours = `const {openFileSource}=await import('${dist}host/file-source.js');const {readModel}=await import('${dist}onnx/read.js');`
  const read = `const s=openFileSource(${JSON.stringify(path)});readModel(s,'m');`
  const proto = `const {onnx}=(await import(${JSON.stringify(require.resolve('onnx-proto'))})).default;const {readFileSync}=await import('node:fs');`
  const readProto = `onnx.ModelProto.decode(readFileSync(${JSON.stringify(path)}));`
  const time = (load, work) =>
    child(`${load}const t=process.hrtime.bigint();${work}console.log(Number(process.hrtime.bigint()-t)/1e6)`)
  // The kernel's own high-water mark of this process image; getrusage's survives from the parent through exec.
  const peak = `const status=(await import('node:fs')).readFileSync;const kB=(k)=>Number(status('/proc/self/status','utf8').match(new RegExp(k+':\\\\s+(\\\\d+)'))[1]);`
  const memory = (load, work) =>
    child(`${load}${peak}const m=kB('VmRSS');${work}console.log(Math.max(0.01,(kB('VmHWM')-m)*1024/1e6))`)
  const target = 'at most 15 ms and 20 MB above the process'
  return [
    await compare({
      title: 'structure of a 1 GB model, fresh process: time',
      unit: 'ms',
      target,
      rounds: 5,
      variants: [
        ['tailwatt', time(ours, read)],
        ['onnx-proto', time(proto, readProto)],
      ],
    }),
    await compare({
      title: 'structure of a 1 GB model, fresh process: memory',
      unit: 'MB',
      target,
      rounds: 3,
      variants: [
        ['tailwatt', memory(ours, read)],
        ['onnx-proto', memory(proto, readProto)],
      ],
    }),
  ]
}

async function help() {
  const main = new URL('../dist/cli/main.js', import.meta.url).pathname
  const run =
    (...args) =>
    () => {
      const from = now()
      spawnSync(process.execPath, args)
      return (now() - from) / 1e6
    }
  return compare({
    title: '--help against an empty Node process',
    unit: 'ms',
    target: 'at most 3 × an empty process',
    rounds: 15,
    variants: [
      ['node -e 0', run('-e', '0')],
      ['tailwatt --help', run(main, '--help')],
    ],
  })
}

const wanted = process.argv[2]
const all = {
  recorder,
  percentiles,
  structure,
  help,
  send: sendDelay,
  overhead,
  monitor: powerMonitor,
  sensing,
  live,
  peers: energyPeers,
}
const results = []
for (const [name, run] of Object.entries(all)) {
  if (wanted !== undefined && wanted !== name) continue
  for (const result of [await run()].flat()) {
    results.push(result)
    console.log(`\n### ${result.title}\n\nTarget: ${result.target}.\n`)
    console.log(result.rows ? ratios(result) : result.cells ? table(result) : differences(result))
  }
}

function ratios({ unit, rows }) {
  const lines = rows.map(
    (row) =>
      `| ${row.name} | ${row.median.toPrecision(3)} | ${row.best.toPrecision(3)} | ${row.ratio.toFixed(2)} (${row.ratio_low.toFixed(2)} … ${row.ratio_high.toFixed(2)}) |`,
  )
  return [`| | ${unit} (median) | best | ratio to the first (quartiles) |`, '|---|---|---|---|', ...lines].join('\n')
}

function table({ columns, cells }) {
  const line = (row) => `| ${row.join(' | ')} |`
  return [line(columns), `|${'---|'.repeat(columns.length)}`, ...cells.map(line)].join('\n')
}

function differences({ unit, verdict, overhead: found, control }) {
  const line = (name, { mean, half, n }) =>
    `| ${name} | ${(100 * mean).toFixed(2)} (${(100 * (mean - half)).toFixed(2)} … ${(100 * (mean + half)).toFixed(2)}) | ${n} |`
  return [
    `| | ${unit} (95 % interval) | pairs |`,
    '|---|---|---|',
    line('profiled against bare', found),
    line('a block against its like (control)', control),
    `\nVerdict: ${verdict}.`,
  ].join('\n')
}
mkdirSync(new URL('results/', import.meta.url), { recursive: true })
const file = new URL(`results/${new Date().toISOString().replace(/[:.]/g, '-')}.json`, import.meta.url)
writeFileSync(
  file,
  JSON.stringify(
    { node: process.version, cpu: readFileSync('/proc/cpuinfo', 'utf8').match(/model name\s*:\s*(.*)/)?.[1], results },
    null,
    1,
  ),
)
