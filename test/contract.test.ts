// The contract of the command line and of `run.json`, on the real binary and the real engine: its keys are
// there, the object validates against the published schema, the exit codes are the documented ones.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, expect } from 'vitest'
import { needsEngine } from './requirement.ts'

const root = join(import.meta.dirname, '..')
const main = join(root, 'dist/cli/main.js')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-contract-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const withEngine = needsEngine()

function tailwatt(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const result = spawnSync(process.execPath, [main, ...args], {
    cwd: scratch,
    encoding: 'utf8',
    timeout: 240_000,
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { status: result.status, stdout: result.stdout, stderr: result.stderr }
}

/** Every key that is always there, with those of its parts. */
const keys = {
  '': [
    'schema',
    'id',
    'tool',
    'host',
    'target',
    'load',
    'recordings',
    'requests',
    'throughput',
    'latency_ms',
    'service_ms',
    'queue_wait_ms',
    'send_delay_ms',
    'load_certificate',
    'batches',
    'cold_start',
    'power',
    'energy',
    'utilization',
    'batching',
    'operators',
    'io',
    'sla',
    'findings',
    'unmeasured',
    'self',
  ],
  requests: ['sent', 'ok', 'failed', 'excluded_warmup', 'errors'],
  throughput: ['requests_per_s', 'inferences_per_s'],
  latency_ms: [
    'count',
    'min',
    'mean',
    'stddev',
    'jitter',
    'spread',
    'p50',
    'p90',
    'p95',
    'p99',
    'p99_9',
    'p99_99',
    'max',
    'histogram',
  ],
  queue_wait_ms: ['count', 'p50', 'p99', 'max'],
  load_certificate: ['asked_per_s', 'achieved_per_s', 'arrivals_ok', 'client_saturated', 'valid'],
  batches: ['size_distribution'],
  cold_start: [
    'process_ms',
    'load_ms',
    'session_ms',
    'first_inference_ms',
    'steady_p50_ms',
    'penalty_ms',
    'verdict',
    'steady_after',
  ],
  power: ['system_w', 'cpu_w', 'gpu_w'],
  energy: ['total_j', 'per_inference_j', 'inferences_per_watt', 'flops_per_watt', 'carbon_g'],
  self: ['cpu_percent', 'spin_percent', 'sample_gap_ms', 'watts'],
} as const

withEngine('run --json prints the run document, valid against the published schema', () => {
  const result = tailwatt('run', 'zoo:mlp', '--requests', '300', '--cold', '2', '--json')
  expect(result.stderr).not.toMatch(/at .*\.js:\d+/)
  expect(result.status).toBe(0)
  const document = JSON.parse(result.stdout) as Record<string, Record<string, unknown>>
  for (const [part, names] of Object.entries(keys)) {
    const object = part === '' ? document : document[part]!
    for (const name of names) expect(Object.keys(object), `${part}.${name}`).toContain(name)
  }
  const schema = JSON.parse(readFileSync(join(root, 'schema/tailwatt.run-2.schema.json'), 'utf8')) as object
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema)
  expect(validate(document), JSON.stringify(validate.errors?.slice(0, 5))).toBe(true)
  expect(document['requests']).toMatchObject({ sent: 300, ok: 300, failed: 0 })
  const { value: perSecond } = document['throughput']!['inferences_per_s'] as { readonly value: number }
  const { value: flops } = document['utilization']!['flops_per_s'] as { readonly value: number }
  const model = document['target']!['model'] as { readonly flops: number }
  expect(flops / (model.flops * perSecond)).toBeCloseTo(1, 12)
  // What was not measured is null with a row that says why.
  const rows = document['unmeasured'] as unknown as { what: string; reason: string; remedy: string }[]
  if (document['power']!['gpu_w'] === null) expect(rows.map((row) => row.what)).toContain('gpu_w')
  for (const row of rows) expect(row.reason.length * row.remedy.length).toBeGreaterThan(0)
})

withEngine('the summary of a run has at least one finding and no line longer than 80 columns', () => {
  const result = tailwatt('run', 'zoo:mlp', '--requests', '300', '--cold', '1')
  expect(result.status).toBe(0)
  expect(Math.max(...result.stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80)
  expect(result.stdout).toMatch(/p99/)
  const shown = tailwatt('show', 'latest')
  expect(shown.stdout).toContain('p99')
  expect(
    (JSON.parse(tailwatt('show', 'latest', '--json').stdout) as { findings: unknown[] }).findings.length,
  ).toBeGreaterThan(0)
})

withEngine('an SLA that fails ends with 5, one that holds with 0', () => {
  expect(tailwatt('run', 'zoo:mlp', '--requests', '300', '--cold', '1', '--sla', 'p99<1us').status).toBe(5)
  expect(tailwatt('run', 'zoo:mlp', '--requests', '300', '--cold', '1', '--sla', 'p50<10s').status).toBe(0)
})

withEngine('a rule on energy is not satisfied by an estimate', () => {
  const result = tailwatt('run', 'zoo:mlp', '--requests', '300', '--cold', '1', '--sla', 'gpu_power<1000W', '--json')
  const document = JSON.parse(result.stdout) as { power: { gpu_w: unknown } }
  if (document.power.gpu_w !== null) return
  expect(result.status).toBe(4)
  expect(result.stderr).toMatch(/tailwatt: the rule gpu_power<1000W cannot be judged here: /)
})

withEngine('a model that is no model, an unknown zoo name, a wrong shape: one sentence and the right exit code', () => {
  const path = join(scratch, 'broken.onnx')
  writeFileSync(path, 'this is not a model')
  for (const [args, status] of [
    [['run', path], 3],
    [['run', join(scratch, 'absent.onnx')], 2],
    [['run', 'zoo:nothing'], 2],
    [['run', 'zoo:mlp', '--shape', 'nonsense'], 2],
    [['run', 'zoo:mlp', '--shape', 'absent=1x2'], 2],
    [['run', 'zoo:mlp', '--sla', 'p99<'], 2],
    [['run', 'zoo:mlp', '--rate', '200'], 2],
    [['run', 'zoo:mlp', '--bogus'], 2],
    [['run', 'zoo:mlp', '--provider', 'cuda', '--requests', '10'], 3],
    [['run', 'zoo:mlp', '--requests', '10', '--out', '/proc/nowhere'], 4],
  ] as const) {
    const result = tailwatt(...args)
    expect(result.status, args.join(' ') + result.stderr).toBe(status)
    expect(result.stdout).toBe('')
    expect(result.stderr.trim().split('\n').length, result.stderr).toBeLessThanOrEqual(3)
    expect(result.stderr).not.toMatch(/^\s+at /m)
  }
})

withEngine('a target that crashes in mid-run ends with 3 and keeps what was measured', () => {
  const target = pathToFileURL(join(import.meta.dirname, 'fixtures/targets/steady.mjs')).href
  const script = `import { module, profile } from ${JSON.stringify(pathToFileURL(join(root, 'dist/index.js')).href)}
    const run = await profile({ target: module(${JSON.stringify(target)}, { ms: 2, crashFrom: 500 }), cold: 1, for: '20s' })
    console.log(JSON.stringify({ folder: run.folder, state: run.document.state, code: run.document.failure.code, sent: run.document.requests.sent }))`
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: scratch, encoding: 'utf8' })
  const run = JSON.parse(result.stdout) as { folder: string; state: string; code: string; sent: number }
  expect(run).toMatchObject({ state: 'failed', code: 'target-crashed' })
  expect(run.sent).toBeGreaterThan(0)
  expect(existsSync(join(scratch, run.folder, 'requests.parquet'))).toBe(true)
})
