// From bursts to ceilings, with what each is in words. The best burst counts: whatever else a host does can only make a loop
// slower. Reckoning alone; nothing is measured here.
import type { BandwidthCeiling, ComputeCeiling } from '../run/manifest.ts'
import type { Caution } from '../run/caution.ts'
import type { Figure } from '../run/figure.ts'
import { float32PerCycle, type CpuIdentity } from '../peaks/cpu-peak.ts'
import { formatPrefixed } from '../units/quantity.ts'
import type { EngineRates, LoopRates, ProbeResult, ProbeSettings } from './probe.ts'

type Bursts = Pick<LoopRates, 'rates' | 'disturbed'>

/** The best of the bursts; the interval reaches from their median to it. */
export function bestOf({ rates, disturbed }: Bursts, unit: string): Figure {
  const sorted = [...rates].sort((a, b) => a - b)
  const best = sorted.at(-1)!
  return {
    value: best,
    low: sorted[(sorted.length - 1) >> 1]!,
    high: best,
    n: sorted.length,
    unit,
    ...(disturbed ? { cautions: [inEveryBurst] } : {}),
  }
}

const inEveryBurst: Caution = {
  code: 'disturbed',
  text: 'other programs used the CPUs in every burst: the true ceiling is higher',
}

const threadsText = (threads: number): string => (threads === 1 ? '1 thread' : `${threads} threads`)

/** @param provider of the engine that was measured */
export function computeCeilings({ loops, engine, fused }: ProbeResult, threads: number): readonly ComputeCeiling[] {
  const simd = fused ? 'a fused multiply-add' : 'a multiplication and an addition'
  return [
    ...engine.map(({ model, ...bursts }: EngineRates): ComputeCeiling => ({
      name: `engine ${model}`,
      origin: 'measured',
      how: `${model === 'MatMul' ? 'a chain of large matrix products' : 'a chain of 3 × 3 convolutions'} through ONNX Runtime with its own number of threads, best of ${bursts.rates.length} bursts`,
      precision: 'float32',
      provider: 'cpu',
      flops_per_s: bestOf(bursts, 'FLOP/s'),
    })),
    ...loops
      .filter(({ loop }) => loop === 'multiplyAdd')
      .map((found): ComputeCeiling => ({
        name: `128-bit SIMD, ${threadsText(found.threads)}`,
        origin: 'measured',
        how: `what 128-bit WebAssembly SIMD reaches with ${simd} in registers, best of ${found.rates.length} bursts; wider units of the processor lie idle, so the hardware does more`,
        precision: 'float32',
        threads: found.threads,
        flops_per_s: bestOf(found, 'FLOP/s'),
      }))
      .filter(({ threads: count }) => count === 1 || count === threads),
  ]
}

export function bandwidthCeilings(
  { loops }: ProbeResult,
  settings: ProbeSettings,
  cache: number | null,
): readonly BandwidthCeiling[] {
  return loops.flatMap((found): readonly BandwidthCeiling[] => {
    if (found.loop === 'multiplyAdd' || found.loop === 'chain') return []
    const each = found.threads === 1 ? settings.arrayBytes.alone : settings.arrayBytes.part * found.threads
    return [
      {
        name: `${found.loop}, ${threadsText(found.threads)}`,
        origin: 'measured',
        how: `${passes[found.loop]} of ${formatPrefixed(each, 'B')}${cacheText(each, found.threads, settings, cache)}, best of ${found.rates.length} bursts, counted as STREAM does`,
        threads: found.threads,
        bytes_per_s: bestOf(found, 'B/s'),
      },
    ]
  })
}

const passes: Readonly<Record<'read' | 'copy' | 'triad', string>> = {
  read: 'sum of an array',
  copy: 'b = a with arrays',
  triad: 'a = b + s·c with arrays',
}

/** Arrays of less than four times the last-level cache may partly stay in it. */
function cacheText(each: number, threads: number, settings: ProbeSettings, cache: number | null): string {
  if (cache === null) return ', the size of the last-level cache not being known'
  return each >= 4 * cache || (threads === 1 && settings.threads > 1)
    ? ''
    : `, only ${(each / cache).toFixed(1)} times the last-level cache`
}

export interface Clock {
  readonly hz: number
  /** Whence it is known, for people. */
  readonly how: string
}

/** Cycles a second of the chain of additions, all threads running if that could be measured undisturbed. */
export function measuredClock(loops: readonly LoopRates[], threads: number): Clock | undefined {
  const quiet = loops.filter(({ loop, disturbed }) => loop === 'chain' && !disturbed)
  const found = quiet.find(({ threads: count }) => count === threads) ?? quiet[0]
  return found && { hz: Math.max(...found.rates), how: 'measured with a chain of additions' }
}

/** The clock the system tells of: the most it may be, else what the processor is called by. */
export function toldClock(maxKilohertz: string | undefined, cpuinfo: string): Clock | undefined {
  const most = Number(maxKilohertz) * 1e3
  if (most > 1e8) return { hz: most, how: 'the highest the system names' }
  const megahertz = Number(/^cpu MHz\s*:\s*([\d.]+)/m.exec(cpuinfo)?.[1])
  return megahertz > 100 ? { hz: megahertz * 1e6, how: 'as /proc/cpuinfo has it, not measured' } : undefined
}

/** Cores × clock × operations a cycle; `undefined` where one of them is not known. */
export function tablePeak(
  cpu: CpuIdentity | undefined,
  cores: number,
  clock: Clock | undefined,
): ComputeCeiling | undefined {
  const width = cpu && float32PerCycle(cpu)
  if (!width || !clock || !(cores > 0)) return undefined
  const value = cores * clock.hz * width.flops
  const count = Number(cores.toFixed(2))
  return {
    name: 'CPU by its width',
    origin: 'table',
    how: `${count} ${count === 1 ? 'core' : 'cores'} × ${formatPrefixed(clock.hz, 'Hz')} (${clock.how}) × ${width.flops} FLOPs a cycle (${width.unit})`,
    precision: 'float32',
    flops_per_s: { value, low: value, high: value, n: 0, unit: 'FLOP/s' },
  }
}
