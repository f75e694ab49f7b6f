// The variance between runs of the same settings, which no interval of a single run can show. Percentiles are not
// averaged: the runs' histograms are merged, and the interval comes from how the runs' own percentiles differ.
import { mean, meanInterval } from '../../stats/mean.ts'
import type { Figure } from '../../run/figure.ts'
import type { RunDocument } from '../../run/document.ts'
import type { RepeatSection } from '../../run/sections/compare.ts'

const percentiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p99_9: 0.999 } as const
type Name = keyof typeof percentiles

/** @param runs documents of at least two runs with the same settings. */
export function betweenRuns(runs: readonly RunDocument[]): RepeatSection {
  const merged = mergeHistograms(runs)
  const figure = (name: Name): Figure => {
    const values = runs.flatMap((run) => run.latency_ms[name].value ?? [])
    return withSpread(quantileOf(merged, percentiles[name]), values, 'ms')
  }
  const throughputs = runs.flatMap((run) => run.throughput.inferences_per_s.value ?? [])
  return {
    runs: runs.map((run) => run.id),
    latency_ms: {
      p50: figure('p50'),
      p90: figure('p90'),
      p95: figure('p95'),
      p99: figure('p99'),
      p99_9: figure('p99_9'),
    },
    inferences_per_s: withSpread(mean(throughputs), throughputs, '1/s'),
  }
}

// On the log scale, because latencies of repeats differ by factors: value × exp(± t·s/√n).
function withSpread(value: number | null, values: readonly number[], unit: string): Figure {
  const n = values.length
  if (value === null || n < 2 || values.some((v) => v <= 0)) return { value, low: null, high: null, n, unit }
  const half = meanInterval(values.map(Math.log)).half!
  return { value, low: value * Math.exp(-half), high: value * Math.exp(half), n, unit }
}

/** Bucket edges are the same in every run, so merging is adding counts. */
function mergeHistograms(runs: readonly RunDocument[]): readonly (readonly [number, number])[] {
  const counts = new Map<number, number>()
  for (const run of runs) {
    for (const [edge, count] of run.latency_ms.histogram) counts.set(edge, (counts.get(edge) ?? 0) + count)
  }
  return [...counts].sort((a, b) => a[0] - b[0])
}

function quantileOf(histogram: readonly (readonly [number, number])[], p: number): number | null {
  const total = histogram.reduce((sum, [, count]) => sum + count, 0)
  let seen = 0
  for (const [edge, count] of histogram) {
    seen += count
    if (seen >= p * total) return edge
  }
  return null
}
