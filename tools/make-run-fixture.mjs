// Writes the run folders that every later version has to open, with today's code and invented numbers:
//   test/fixtures/runs/v<n>          a finished run
//   test/fixtures/runs/v<n>-killed   the same run, cut off: a manifest and a journal
// Run it once for a version of the format, never again: `npm run build && node tools/make-run-fixture.mjs`.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const load = (path) => import(new URL(`../dist/${path}.js`, import.meta.url).href)
const { analyse } = await load('analysis/analyse')
const { Random } = await load('base/random')
const { createRun } = await load('store/create')
const { allocate, tables } = await load('store/columns')
const { currentSchema } = await load('run/upgrade')

const version = currentSchema.split('/')[1]
const folder = fileURLToPath(new URL('../test/fixtures/runs/', import.meta.url))
const force = process.argv.includes('--force')
if (existsSync(join(folder, `v${version}`)) && !force) {
  console.error(
    `test/fixtures/runs/v${version} is there already: its purpose is to stay as it is (--force replaces it)`,
  )
  process.exit(1)
}

const random = new Random(1)
const ms = 1e6
const rows = 600

const manifest = {
  schema: currentSchema,
  id: '0123456789abcdef0123456789abcdef',
  name: 'example model',
  group: 'fixtures',
  state: 'running',
  started_at: '2026-01-02T03:04:05.000Z',
  tool: { name: 'tailwatt', version: '0.1.0', node: '20.19.0', command: ['run', 'example.onnx'] },
  host: {
    os: 'linux',
    kernel: '6.1.0',
    arch: 'x64',
    cpu_model: 'Example CPU',
    cpus_logical: 8,
    cpus_physical: 4,
    memory_bytes: 16_000_000_000,
    cpu_quota: null,
    cpus_allowed: 8,
    virtualisation: null,
    container: false,
    governor: 'performance',
    clock: { id: 'host monotonic (process.hrtime)', read_ns: 40 },
    gpus: [{ name: 'Example GPU', uuid: 'GPU-0', driver: '550.1' }],
  },
  target: {
    kind: 'onnx',
    name: 'example.onnx',
    flow: 'blocking',
    instances: 2,
    threads: 4,
    batch: 1,
    model: {
      path: 'example.onnx',
      bytes: 1000,
      parameters: 200,
      ir_version: 9,
      opset: 17,
      nodes: 3,
      operators: { MatMul: 1, Add: 1, Relu: 1 },
      macs: 2_000_000,
      flops: 4_000_000,
      inputs: [
        { name: 'x', dtype: 'float32', shape: ['n', 3], used: [1, 3], defaulted: ['n'], fill: { kind: 'normal' } },
      ],
      outputs: [{ name: 'y', dtype: 'float32', shape: ['n', 2] }],
    },
    engine: { name: 'onnxruntime-node', version: '1.30.0', provider: 'cpu', options: { opt: 'all', threads: 4 } },
  },
  load: {
    mode: 'open',
    concurrency: 64,
    rate_per_s: 200,
    arrivals: 'poisson',
    pacing: 'sleep',
    seed: 1,
    for_s: 3,
    requests: null,
    until: null,
    max_errors: 0.01,
    timeout_ms: null,
  },
  recordings: [
    {
      id: 0,
      source: 'tailwatt',
      clock: {
        id: 'host monotonic (process.hrtime)',
        offset_ns: 0,
        uncertainty_ns: 0,
        epoch_wall_ms: 1_767_323_045_000,
      },
      from: 0,
      to: 0,
    },
  ],
  channels: [
    {
      id: 'rapl/package-0/energy',
      sensor: 'rapl',
      quantity: 'energy',
      unit: 'J',
      kind: 'counter',
      scope: 'package',
      period_ms: 100,
      grade: 'B',
      systematic: 0.05,
    },
    {
      id: 'procfs/host/busy',
      sensor: 'procfs',
      quantity: 'utilization',
      unit: 'ratio',
      kind: 'average',
      scope: 'host',
      role: 'cpu-time',
      subject: 'host',
    },
  ],
  sla: ['p99<50ms', 'error_rate<1%'],
  allow_estimates: false,
  include_warmup: false,
  unmeasured: [{ what: 'gpu_w', reason: 'the driver is not loaded', remedy: 'Load it.' }],
}

const out = mkdtempSync(join(tmpdir(), 'tailwatt-fixture-'))
const writer = createRun(out, manifest)
const begin = 500 * ms
const event = (t, kind, data) => writer.appendEvent({ t, kind, data })
event(100 * ms, 'clock', { wall_ms: 1_767_323_045_100, boot_ns: 1e12 })
event(400 * ms, 'cold_start', { trial: 1, process_ms: 60.5, load_ms: 20.25, session_ms: 80, first_inference_ms: 12.5 })
event(begin, 'phase', { name: 'load', edge: 'begin' })

let due = begin
const free = [begin, begin]
for (let from = 0; from < rows; from += 100) {
  const chunk = allocate(tables.requests, 100)
  for (let i = 0; i < 100; i++) {
    due += Math.round(5 * ms * random.exponential())
    const instance = free[0] <= free[1] ? 0 : 1
    chunk.id[i] = from + i
    chunk.instance[i] = instance
    chunk.batch[i] = 1
    chunk.scheduled[i] = due
    chunk.ready[i] = Math.max(due, free[instance])
    chunk.started[i] = chunk.ready[i] + Math.round(50_000 * random.uniform())
    chunk.first[i] = Number.NaN
    const service = Math.round((4 + 2 * random.exponential()) * ms)
    chunk.done[i] = chunk.started[i] + service
    chunk.seen[i] = chunk.done[i] + 15_000
    chunk.stamp[i] = 1
    chunk.engine[i] = service - 20_000
    chunk.status[i] = from + i === 300 ? 1 : 0
    chunk.sizeIn[i] = 12
    chunk.sizeOut[i] = 8
    free[instance] = chunk.done[i]
  }
  writer.append('requests', chunk)
}
event(2000 * ms, 'error', { code: 'error', message: 'invented', request: 300 })
const end = Math.max(...free)

const samples = allocate(tables.samples, 2 * Math.ceil((end - begin) / (100 * ms)))
for (let i = 0; i < samples.length; i++) {
  samples.channel[i] = i % 2
  samples.t[i] = begin + Math.floor(i / 2) * 100 * ms
  samples.value[i] = i % 2 === 0 ? Math.floor(i / 2) * 2.5 : 0.25
}
writer.append('samples', samples)

const batches = allocate(tables.batches, 2)
batches.id.set([0, 1])
batches.opened.set([begin, begin + ms])
batches.started.set([begin + ms, begin + 2 * ms])
batches.done.set([begin + 5 * ms, begin + 6 * ms])
batches.size.set([4, 2])
batches.useful.set([4, 2])
batches.padded.set([4, 4])
writer.append('batches', batches)
event(end, 'phase', { name: 'load', edge: 'end' })

const place = (name, from) => {
  rmSync(join(folder, name), { recursive: true, force: true })
  cpSync(from, join(folder, name), { recursive: true })
  rmSync(join(folder, name, 'lock'), { force: true })
}
place(`v${version}-killed`, writer.folder)
writer.manifest({
  ...manifest,
  state: 'complete',
  recordings: manifest.recordings.map((recording) => ({ ...recording, from: begin, to: end })),
})
await writer.finish(analyse(await writer.measured()))
place(`v${version}`, writer.folder)
rmSync(out, { recursive: true })
