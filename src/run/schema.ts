// The published form of `run.json`: a zod schema kept in step with `document.ts` and `manifest.ts` by the compiler, and the
// JSON schema made from it. Unknown keys pass: a later version may add some.
import { z } from 'zod'
import { TailwattError } from '../base/errors.ts'
import { channelSchema } from './channel-schema.ts'
import type { RunDocument } from './document.ts'
import type { HostCeilings, Manifest } from './manifest.ts'
import type { Same } from './same-shape.ts'

const number = z.number()
const nullable = number.nullable()
const text = z.string()
const count = z.number().int().nonnegative()

const figure = z
  .looseObject({
    value: nullable,
    low: nullable,
    high: nullable,
    n: count,
    statistical: number.optional(),
    systematic: number.optional(),
    unit: text.optional(),
    grade: z.enum(['A', 'B', 'C', 'D']).optional(),
    scope: text.optional(),
    basis: z.enum(['gross', 'net']).optional(),
    source: text.optional(),
    caution: text.optional(),
  })
  .meta({ id: 'Figure', description: 'A value with the ends of its 95 % interval, its sample count and its origin.' })
const figureOrNull = figure.nullable()

const series = z
  .looseObject({
    count,
    min: nullable,
    mean: figure,
    stddev: figure,
    jitter: figure,
    spread: figure,
    p50: figure,
    p90: figure,
    p95: figure,
    p99: figure,
    p99_9: figure,
    p99_99: figure,
    max: z.looseObject({ value: number, at_s: number, request: number }).nullable(),
    histogram: z.array(z.tuple([number, number])),
  })
  .meta({ id: 'LatencySeries', description: 'One latency series, ms. `histogram` holds [upper edge, count].' })

const tensor = z.looseObject({
  name: text,
  dtype: text,
  shape: z.array(z.union([number, text])),
  used: z.array(number),
  defaulted: z.array(text),
  fill: text,
})

const model = z.looseObject({
  path: text,
  bytes: count,
  parameters: count,
  ir_version: number,
  opset: number,
  nodes: count,
  operators: z.record(text, count),
  macs: nullable,
  flops: nullable,
  macs_unknown: text.optional(),
  macs_dtype: text.optional(),
  traffic: z.looseObject({ weight_bytes: count, activation_bytes: count }).nullable().optional(),
  inputs: z.array(tensor),
  outputs: z.array(z.looseObject({ name: text, dtype: text, shape: z.array(z.union([number, text])) })),
})

const advice = z.looseObject({
  flag: text,
  metric: text,
  change: nullable,
  low: nullable,
  high: nullable,
  n: count,
  failure: text.optional(),
})

const energyCheck = z.looseObject({
  kind: z.enum(['same', 'within']),
  what: text,
  against: text,
  joules: figure,
  against_joules: figure,
  residual_j: nullable,
  residual_w: nullable,
  residual: figureOrNull.optional(),
  agrees: z.boolean().nullable(),
})

const energyStep = z.looseObject({
  level: z.enum(['wall', 'system', 'platform', 'devices', 'process', 'inference']),
  joules: figureOrNull,
  watts: figureOrNull,
  parts: z.array(z.looseObject({ name: text, scope: text, joules: figure })),
  unaccounted: figureOrNull,
  missing: z.looseObject({ reason: text, remedy: text }).optional(),
})

const attribution = z.looseObject({
  process: text,
  device: text,
  by: text,
  share: figure,
  joules: figure,
  of_joules: number,
})

const liveIntensity = z.looseObject({
  zone: text,
  g_per_kwh: number,
  low: number,
  high: number,
  readings: count,
  coverage: number,
  estimated: z.boolean().nullable(),
  year: number,
})

const cost = z.looseObject({
  per_kwh: number,
  currency: text,
  pue: number,
  total: figure,
  per_inference: figureOrNull,
  per_million: figureOrNull,
})

const sci = z.looseObject({
  per_inference_g: figureOrNull,
  energy_kwh: figure,
  g_per_kwh: nullable,
  operational_g: figure,
  embodied_g: number,
  total_embodied_g: number,
  lifespan_s: number,
  reserved_s: number,
  share: number,
  functional_unit: z.literal('inference'),
  units: count,
})

const gaugeSummary = z.looseObject({
  channel: text,
  unit: text,
  start: number,
  max: number,
  min: number,
  end: number,
})

const thermal = z.looseObject({
  temperatures: z.array(gaugeSummary),
  clocks: z.array(gaugeSummary),
  throttled: z.array(
    z.looseObject({
      device: text,
      reason: text,
      thermal: z.boolean(),
      share: figureOrNull,
      times: nullable,
      source: text,
    }),
  ),
  coincidence: z
    .looseObject({
      throttled_s: count,
      free_s: count,
      throttled_ms: nullable,
      free_ms: nullable,
      change: figureOrNull,
      excess_share: nullable,
    })
    .nullable(),
})

const sensorCharacter = z.looseObject({
  channel: text,
  period_ms: nullable,
  window_ms: nullable,
  window_from: z.enum(['declared', 'step']).nullable(),
  step: nullable,
  poll_ms: nullable,
  read_us: nullable,
  changes: count,
})

const precision = z.enum(['float64', 'float32', 'tf32', 'float16', 'bfloat16', 'float8', 'int8'])
const ceiling = {
  name: text,
  origin: z.enum(['measured', 'table', 'datasheet']),
  how: text,
  device: text.optional(),
  threads: number.optional(),
  provider: text.optional(),
}
const computeCeiling = z.looseObject({ ...ceiling, precision, flops_per_s: figure }).meta({
  id: 'ComputeCeiling',
  description: 'Arithmetic that a device or an engine reaches at most, and whence that is known.',
})
const bandwidthCeiling = z.looseObject({ ...ceiling, bytes_per_s: figure }).meta({
  id: 'BandwidthCeiling',
  description: 'Memory bandwidth that a device reaches at most, and whence that is known.',
})
const hostCeilings = z.looseObject({
  measured_at: text.nullable(),
  compute: z.array(computeCeiling),
  bandwidth: z.array(bandwidthCeiling),
  last_level_cache_bytes: nullable,
})
const memoryTraffic = z.looseObject({
  device: text.optional(),
  kind: z.enum(['counted', 'computed']),
  bytes_per_s: figureOrNull,
  share: figureOrNull,
  of: text.nullable(),
  how: text,
})

const scalar = z.union([text, number, z.boolean(), z.null()])

/** Keys of a manifest that a document keeps. */
const facts = {
  schema: z.literal('tailwatt.run/2'),
  id: text.regex(/^[0-9a-f]{32}$/),
  name: text,
  group: text.optional(),
  state: z.enum(['running', 'complete', 'interrupted', 'failed', 'recovered']),
  failure: z.looseObject({ code: text, data: z.record(text, z.union([text, number, z.boolean()])) }).optional(),
  started_at: text,
  tool: z.looseObject({ name: z.literal('tailwatt'), version: text, node: text, command: z.array(text).optional() }),
  host: z.looseObject({
    os: text,
    kernel: text,
    arch: text,
    cpu_model: text,
    cpus_logical: count,
    cpus_physical: nullable,
    memory_bytes: number,
    cpu_quota: nullable,
    cpus_allowed: number,
    virtualisation: text.nullable(),
    container: z.boolean(),
    governor: text.nullable(),
    clock: z.looseObject({ id: text, read_ns: number }),
    gpus: z.array(z.looseObject({ name: text, uuid: text, driver: text })),
  }),
  target: z.looseObject({
    kind: text,
    name: text,
    flow: z.enum(['blocking', 'async']),
    instances: count,
    threads: nullable,
    batch: count,
    model: model.optional(),
    engine: z
      .looseObject({
        name: text,
        version: text,
        provider: text,
        options: z.record(text, z.union([text, number, z.boolean()])),
      })
      .optional(),
  }),
  load: z.looseObject({
    mode: z.enum(['closed', 'open']),
    concurrency: count,
    rate_per_s: nullable,
    arrivals: z.enum(['constant', 'poisson']).nullable(),
    pacing: z.enum(['sleep', 'spin']),
    seed: number,
    for_s: nullable,
    requests: nullable,
    until: text.nullable(),
    max_errors: number,
    timeout_ms: nullable,
  }),
  recordings: z.array(
    z.looseObject({
      id: count,
      source: text,
      clock: z.looseObject({ id: text, offset_ns: number, uncertainty_ns: number, epoch_wall_ms: number }),
      from: number,
      to: number,
    }),
  ),
  channels: z.array(channelSchema),
  allow_estimates: z.boolean(),
  include_warmup: z.boolean(),
  unmeasured: z.array(z.looseObject({ what: text, reason: text, remedy: text })),
  energy_context: z
    .looseObject({
      region: text.optional(),
      cloud: text.optional(),
      zone: text.optional(),
      grid_g_per_kwh: number.optional(),
      pue: number.optional(),
      tariff: z.looseObject({ per_kwh: number, currency: text }).optional(),
      embodied: z.looseObject({ total_g: number, lifespan_s: number, share: number }).optional(),
    })
    .optional(),
  ceilings: hostCeilings.optional(),
  advice: z.array(advice).optional(),
  synthetic: z.looseObject({ board: text, note: text }).optional(),
}

/** Ceilings kept in a file; `undefined` when they are not whole. */
export function parseCeilings(value: unknown): HostCeilings | undefined {
  const parsed = hostCeilings.safeParse(value)
  return parsed.success ? (parsed.data as unknown as HostCeilings) : undefined
}

const manifest = z.looseObject({ ...facts, sla: z.array(text) })

const document = z
  .looseObject({
    ...facts,
    duration_s: number,
    requests: z.looseObject({
      sent: count,
      ok: count,
      failed: count,
      excluded_warmup: count,
      errors: z.array(z.looseObject({ code: text, count, message: text.optional() })),
    }),
    throughput: z.looseObject({ requests_per_s: figure, inferences_per_s: figure }),
    latency_ms: series,
    service_ms: series,
    queue_wait_ms: series,
    send_delay_ms: series,
    binding_ms: series.nullable(),
    load_certificate: z.looseObject({
      asked_per_s: nullable,
      achieved_per_s: number,
      send_delay_ms: z.looseObject({ p50: nullable, p99: nullable, max: nullable }),
      arrivals: z.looseObject({ cv: number, lag1: number, dispersion: number }).nullable(),
      arrivals_ok: z.boolean(),
      client_saturated: z.boolean(),
      overflow: count,
      valid: z.boolean(),
      reasons: z.array(
        z.looseObject({
          code: z.enum(['rate-missed', 'sent-late', 'arrivals', 'rows-lost', 'client-saturated', 'other']),
          title: text,
          advice: text.optional(),
        }),
      ),
    }),
    batches: z.looseObject({ size_distribution: z.record(text, count) }),
    cold_start: z.looseObject({
      process_ms: figureOrNull,
      load_ms: figureOrNull,
      session_ms: figureOrNull,
      first_inference_ms: figureOrNull,
      total_ms: figureOrNull,
      steady_p50_ms: nullable,
      penalty_ms: figureOrNull,
      verdict: z.enum(['flat', 'warm-up', 'slowdown', 'shift', 'no-steady-state']),
      steady_after: z.looseObject({ requests: count, s: number }).nullable(),
      segments: z.array(
        z.looseObject({ from_request: count, to_request: count, from_s: number, to_s: number, level_ms: number }),
      ),
    }),
    power: z.looseObject({ system_w: figureOrNull, cpu_w: figureOrNull, gpu_w: figureOrNull }),
    energy: z.looseObject({
      total_j: figureOrNull,
      per_inference_j: figureOrNull,
      inferences_per_watt: figureOrNull,
      flops_per_watt: figureOrNull,
      carbon_g: figureOrNull,
      carbon: z
        .looseObject({
          region: text.nullable(),
          g_per_kwh: nullable,
          low: number,
          high: number,
          year: nullable,
          kind: z.enum(['lifecycle', 'direct']).nullable(),
          basis: z.enum(['production', 'consumption']).nullable(),
          weighting: z.enum(['average', 'marginal']).nullable(),
          source: text,
          licence: text.nullable(),
          pue: number,
          pue_source: text.nullable().optional(),
          per_inference_g: figureOrNull,
          cloud: text.optional(),
          live: liveIntensity.nullable().optional(),
        })
        .nullable()
        .optional(),
      cost: cost.nullable().optional(),
      sci: sci.nullable().optional(),
      energy_delay_product_js: figureOrNull.optional(),
      parts: z.array(z.looseObject({ channel: text, scope: text, joules: figure })),
      idle_w: figureOrNull.optional(),
      net_per_inference_j: figureOrNull.optional(),
      checks: z.array(energyCheck).optional(),
      chain: z.array(energyStep).optional(),
      attributed: z.array(attribution).optional(),
    }),
    utilisation: z
      .looseObject({
        cpu_cores: figureOrNull,
        host_busy: figureOrNull,
        steal: figureOrNull,
        throttled: figureOrNull,
        peak_memory_bytes: nullable,
        cpu: z.record(text, figure).optional(),
        devices: z.array(z.looseObject({ device: text, figures: z.record(text, figure) })).optional(),
        flops_per_s: figureOrNull.optional(),
        mfu: figureOrNull.optional(),
        peak: computeCeiling.nullable().optional(),
        arithmetic_intensity: figureOrNull.optional(),
        memory: z.array(memoryTraffic).optional(),
        ceilings: z
          .looseObject({
            measured_at: text.nullable(),
            compute: z.array(computeCeiling),
            bandwidth: z.array(bandwidthCeiling),
          })
          .optional(),
      })
      .nullable(),
    thermal: thermal.nullable().optional(),
    sensors: z.array(sensorCharacter).optional(),
    batching: z.null(),
    operators: z.null(),
    io: z.null(),
    sla: z.array(
      z.looseObject({
        rule: text,
        metric: text,
        value: nullable,
        low: nullable,
        high: nullable,
        limit: number,
        unit: text,
        verdict: z.enum(['pass', 'fail', 'unsure']),
        reason: text.optional(),
        unmeasurable: z.boolean().optional(),
      }),
    ),
    findings: z.array(
      z.looseObject({
        id: text,
        severity: z.enum(['info', 'warn', 'critical']),
        title: text,
        advice: text.optional(),
        evidence: z.record(text, z.union([scalar, z.array(z.union([text, number]))])),
        gain: z.looseObject({ ...figure.shape, metric: text }).optional(),
      }),
    ),
    self: z.looseObject({
      cpu_percent: nullable,
      spin_percent: nullable,
      sample_gap_ms: z.looseObject({ p50: nullable, p99: nullable, max: nullable }).nullable(),
      drain_lag_ms: z.looseObject({ p99: nullable }).nullable(),
      watts: figureOrNull,
    }),
    repeats: z
      .looseObject({
        runs: z.array(text),
        latency_ms: z.looseObject({ p50: figure, p90: figure, p95: figure, p99: figure, p99_9: figure }),
        inferences_per_s: figure,
      })
      .optional(),
  })
  .meta({ title: 'tailwatt run', description: 'run.json of a tailwatt run folder' })

// The compiler's proof that schema and types say the same.
true satisfies Same<RunDocument, z.infer<typeof document>>
true satisfies Same<Manifest, z.infer<typeof manifest>>

/** @throws TailwattError `run-damaged` with the first key that does not fit. */
export const parseRunDocument = (value: unknown, path = 'run.json'): RunDocument =>
  parse(document, value, path) as unknown as RunDocument

/** The manifest of a run whose document is not written yet. @throws TailwattError `run-damaged`. */
export const parseManifest = (value: unknown, path = 'run.json'): Manifest =>
  parse(manifest, value, path) as unknown as Manifest

function parse<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const where = issue.path.length === 0 ? 'run.json' : issue.path.join('.')
  throw new TailwattError('run-damaged', { path, message: `${where}: ${issue.message}` })
}

/** JSON Schema, draft 2020-12. */
export const runJsonSchema = (): object => z.toJSONSchema(document, { target: 'draft-2020-12' })
