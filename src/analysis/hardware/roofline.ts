// What the model computed against what host and engine reach: FLOP/s, model FLOPs utilisation, arithmetic intensity, and the
// bytes it moves against the memory's bandwidth. A share of a peak means nothing without whence the peak is known, so they
// travel together; `docs/decisions/0004` says which peak is taken.
import { findGpuBoard, type GpuBoard } from '../../peaks/gpu-boards.ts'
import type { Caution } from '../../run/caution.ts'
import type { Figure } from '../../run/figure.ts'
import type { MemoryTraffic, UtilizationSection } from '../../run/sections/hardware.ts'
import type {
  BandwidthCeiling,
  ComputeCeiling,
  HostCeilings,
  Manifest,
  ModelFacts,
  Precision,
  Unmeasured,
} from '../../run/manifest.ts'
import { scaled } from '../energy/figures.ts'

export interface Work {
  readonly inferencesPerS: number
  readonly inferences: number
  readonly requestsPerS: number
}

export type Roofline = Required<
  Pick<UtilizationSection, 'flops_per_s' | 'mfu' | 'peak' | 'arithmetic_intensity' | 'memory' | 'ceilings'>
>

export interface RooflineResult {
  readonly roofline: Roofline
  readonly unmeasured: readonly Unmeasured[]
}

/** @param counted utilisation as sensors counted it: bytes of the CPUs' memory, activity of the GPUs' */
export function analyseRoofline(manifest: Manifest, work: Work, counted: UtilizationSection | null): RooflineResult {
  const { model } = manifest.target
  const flops = model && model.macs !== null ? model.flops : null
  const achieved =
    flops === null || !(work.inferencesPerS > 0) ? null : exact(flops * work.inferencesPerS, work.inferences)
  const precisions = precisionsOf(manifest)
  const ceilings = allCeilings(manifest)
  const peak = peakOf(ceilings.compute, manifest, precisions)
  return {
    roofline: {
      flops_per_s: achieved,
      mfu: achieved && peak ? shareOf(achieved, peak.flops_per_s) : null,
      peak: peak ?? null,
      arithmetic_intensity: intensity(model, manifest.target.batch),
      memory: [
        ...countedOnCpu(counted, ceilings.bandwidth),
        ...countedOnGpus(counted, manifest),
        ...computed(manifest, work, ceilings.bandwidth),
      ],
      ceilings,
    },
    unmeasured: missing(manifest, achieved, peak, precisions),
  }
}

const exact = (value: number, n: number): Figure => ({ value, low: value, high: value, n, unit: 'FLOP/s' })

const provider = ({ target }: Manifest): string => target.engine?.provider ?? 'cpu'

/** Element types of a model's products, and the precisions an engine may compute them in, the likeliest first. */
const computedIn: Readonly<Record<string, readonly Precision[]>> = {
  float64: ['float64'],
  // ONNX Runtime's CUDA provider lets tensor cores round float32 to TF32 unless told otherwise (`use_tf32`).
  float32: ['tf32', 'float32'],
  float16: ['float16'],
  bfloat16: ['bfloat16'],
  float8e4m3fn: ['float8'],
  float8e5m2: ['float8'],
  int8: ['int8'],
  uint8: ['int8'],
}

function precisionsOf(manifest: Manifest): readonly Precision[] {
  // Runs before element types were recorded: the type of the first input that holds real numbers.
  const { model } = manifest.target
  const type = model?.macs_dtype ?? model?.inputs.find(({ dtype }) => dtype.startsWith('float'))?.dtype ?? 'float32'
  const all = computedIn[type] ?? []
  return provider(manifest) === 'cpu' ? all.filter((precision) => precision !== 'tf32') : all
}

function allCeilings({ ceilings, host }: Manifest): Roofline['ceilings'] {
  const known: HostCeilings | undefined = ceilings
  const boards = host.gpus.flatMap((gpu) => {
    const board = findGpuBoard(gpu.name)
    return board ? [{ board, device: gpu.uuid || gpu.name }] : []
  })
  return {
    measured_at: known?.measured_at ?? null,
    compute: [
      ...(known?.compute ?? []),
      ...boards.flatMap(({ board, device }) =>
        Object.entries(board.teraflops).map(([precision, teraflops]): ComputeCeiling => ({
          name: `${board.name} ${precision}`,
          origin: 'datasheet',
          how: board.source,
          device,
          precision: precision as Precision,
          flops_per_s: exactly(teraflops * 1e12, 'FLOP/s'),
        })),
      ),
    ],
    bandwidth: [
      ...(known?.bandwidth ?? []),
      ...boards.map(({ board, device }): BandwidthCeiling => ({
        name: `${board.name} memory`,
        origin: 'datasheet',
        how: board.source,
        device,
        bytes_per_s: exactly(board.gigabytes_per_s * 1e9, 'B/s'),
      })),
    ],
  }
}

const exactly = (value: number, unit: string): Figure => ({ value, low: value, high: value, n: 0, unit })

/** The engine's best where it was measured; else the device's by its datasheet, else the processor's by its width. */
function peakOf(
  all: readonly ComputeCeiling[],
  manifest: Manifest,
  precisions: readonly Precision[],
): ComputeCeiling | undefined {
  const engine = provider(manifest)
  const best = (wanted: readonly ComputeCeiling[]): ComputeCeiling | undefined =>
    [...wanted].sort((a, b) => b.flops_per_s.value! - a.flops_per_s.value!)[0]
  for (const precision of precisions) {
    const fitting = all.filter((ceiling) => ceiling.precision === precision && ceiling.flops_per_s.value !== null)
    const measured = best(fitting.filter((ceiling) => ceiling.provider === engine))
    if (measured) return measured
    // A session runs on one device: the first.
    const device = manifest.host.gpus[0]?.uuid ?? manifest.host.gpus[0]?.name
    const theoretical =
      engine === 'cpu'
        ? best(fitting.filter(({ origin }) => origin === 'table'))
        : fitting.find((ceiling) => ceiling.origin === 'datasheet' && ceiling.device === device)
    if (theoretical) return theoretical
  }
  return undefined
}

/** `achieved` over a ceiling; the ceiling's interval is turned over. */
function shareOf(achieved: Figure, ceiling: Figure): Figure | null {
  if (achieved.value === null || ceiling.value === null || !(ceiling.value > 0)) return null
  const over = (amount: number | null, limit: number | null): number | null =>
    amount === null || limit === null || !(limit > 0) ? null : amount / limit
  return {
    value: achieved.value / ceiling.value,
    low: over(achieved.low, ceiling.high),
    high: over(achieved.high, ceiling.low),
    n: achieved.n,
    unit: 'ratio',
    ...cautionsOf(ceiling, achieved.value / ceiling.value),
  }
}

/** More than all there is: never cut to 1, for it says that a ceiling is wrong. */
const tooMuch = 1.05

const aboveCeiling: Caution = {
  code: 'above-ceiling',
  text: 'more than the ceiling: it was measured too low, or its table is wrong; see --ceilings',
}

function cautionsOf({ cautions }: Figure, share: number): Pick<Figure, 'cautions'> {
  if (share > tooMuch) return { cautions: [aboveCeiling] }
  return cautions === undefined ? {} : { cautions }
}

function intensity(model: ModelFacts | undefined, batch: number): Figure | null {
  const { traffic, flops, macs } = model ?? {}
  if (!traffic || macs === null || typeof flops !== 'number') return null
  const bytes = traffic.weight_bytes + traffic.activation_bytes
  return bytes > 0 ? { ...exactly((flops * batch) / bytes, 'FLOP/B'), how: 'operators one by one, no caches' } : null
}

const bestBandwidth = (all: readonly BandwidthCeiling[]): BandwidthCeiling | undefined =>
  all
    .filter(({ device, bytes_per_s }) => device === undefined && bytes_per_s.value !== null)
    .sort((a, b) => b.bytes_per_s.value! - a.bytes_per_s.value!)[0]

function countedOnCpu(counted: UtilizationSection | null, all: readonly BandwidthCeiling[]): readonly MemoryTraffic[] {
  const read = counted?.cpu?.['memory_read_bytes_per_s']
  const written = counted?.cpu?.['memory_write_bytes_per_s']
  const whole = counted?.cpu?.['memory_traffic_bytes_per_s']
  const ceiling = bestBandwidth(all)
  const of = (bytes_per_s: Figure, what: string): readonly MemoryTraffic[] => [
    {
      kind: 'counted',
      bytes_per_s,
      share: ceiling ? shareOf(bytes_per_s, ceiling.bytes_per_s) : null,
      of: ceiling?.name ?? null,
      how: `${what} of the memory controllers, whoever caused them`,
    },
  ]
  if (!read || read.value === null) return whole && whole.value !== null ? of(whole, 'transfers') : []
  const plus = (a: number | null, b: number | null | undefined): number | null =>
    a === null || b === null ? null : a + (b ?? 0)
  const bytes_per_s: Figure = {
    ...read,
    value: plus(read.value, written?.value),
    low: plus(read.low, written?.low),
    high: plus(read.high, written?.high),
    sources: [...(read.sources ?? []), ...(written?.sources ?? [])],
  }
  return of(bytes_per_s, written ? 'reads and writes' : 'reads')
}

function countedOnGpus(counted: UtilizationSection | null, { host }: Manifest): readonly MemoryTraffic[] {
  return (counted?.devices ?? []).flatMap(({ device, figures }): readonly MemoryTraffic[] => {
    const share = figures['dram_utilization']
    if (!share || share.value === null || share.unit !== 'ratio') return []
    const gpu = host.gpus.find(({ uuid, name }) => uuid === device || name === device)
    const board: GpuBoard | undefined = gpu && findGpuBoard(gpu.name)
    return [
      {
        device,
        kind: 'counted',
        bytes_per_s: board ? scaled(share, board.gigabytes_per_s * 1e9, 'B/s') : null,
        share,
        of: board ? `${board.name} memory` : (share.sources?.join(' + ') ?? null),
        how: 'share of the cycles in which the memory moved data',
      },
    ]
  })
}

/** What has to come from memory anew for each request: weights that no cache of this host can hold. */
function computed(manifest: Manifest, work: Work, all: readonly BandwidthCeiling[]): readonly MemoryTraffic[] {
  const { target, ceilings } = manifest
  const cache = ceilings?.last_level_cache_bytes
  if (provider(manifest) !== 'cpu' || !target.model?.traffic || typeof cache !== 'number') return []
  const { weight_bytes: weights } = target.model.traffic
  if (weights <= cache || !(work.requestsPerS > 0)) return []
  const value = (weights - cache) * work.requestsPerS
  const bytes_per_s: Figure = { value, low: value, high: null, n: work.inferences, unit: 'B/s' }
  const ceiling = bestBandwidth(all)
  const share = ceiling ? shareOf(bytes_per_s, ceiling.bytes_per_s) : null
  return [
    {
      kind: 'computed',
      bytes_per_s,
      share: share && { ...share, high: null },
      of: ceiling?.name ?? null,
      how: 'computed, at least: weights beyond the last-level cache, once a request; activations and others come on top',
    },
  ]
}

function missing(
  manifest: Manifest,
  achieved: Figure | null,
  peak: ComputeCeiling | undefined,
  precisions: readonly Precision[],
): readonly Unmeasured[] {
  const { model } = manifest.target
  if (!model)
    return [{ what: 'flops_per_s', reason: 'what this target computes is not known', remedy: 'profile its ONNX model' }]
  if (achieved === null)
    return [
      {
        what: 'flops_per_s',
        reason: model.macs_unknown ?? 'no request succeeded',
        remedy: model.macs === null ? 'give the sizes of its inputs with --shape' : 'see why requests failed',
      },
    ]
  if (peak) return []
  const engine = provider(manifest)
  const [wanted] = precisions
  return [
    {
      what: 'mfu',
      reason:
        wanted === undefined || (engine === 'cpu' && wanted !== 'float32')
          ? `no ceiling is known for arithmetic in ${model.macs_dtype ?? 'this type'}`
          : engine === 'cpu'
            ? 'what this processor reaches was not measured, and is in no table'
            : 'no board of the table runs this provider here',
      remedy:
        engine === 'cpu' && wanted === 'float32' ? 'measure it: --ceilings' : 'compare FLOP/s with the maker’s figure',
    },
  ]
}
