// Where a noisy series changes its level. Optimal partitioning with pruning (PELT; Killick, Fearnhead & Eckley 2012) for
// a change in mean, on logarithms of robustly clipped values, with the noise estimated from the series itself.

export interface Segment {
  /** Samples [from, to). */
  readonly from: number
  readonly to: number
  /** Median of the samples. */
  readonly level: number
}

/** Samples that stand alone before blocks begin, so that a short warm-up is not averaged away. */
const singles = 200
const maxBlocks = 600
const minBlocks = 3

/**
 * Segments of constant level covering the whole series, at least one. Values must be positive.
 * @param values samples in order of time
 */
export function segmentsOf(values: Float64Array): readonly Segment[] {
  const n = values.length
  if (n === 0) return []
  if (n < 2 * minBlocks) return [{ from: 0, to: n, level: medianOf(values) }]
  const edges = blockEdges(n)
  const blocks = edges.length - 1
  const weights = new Float64Array(blocks)
  const logs = new Float64Array(blocks)
  for (let b = 0; b < blocks; b++) {
    weights[b] = edges[b + 1]! - edges[b]!
    logs[b] = Math.log(Math.max(1e-300, medianOf(values.subarray(edges[b]!, edges[b + 1]!))))
  }
  const clipped = clipOutliers(logs)
  let noise = noiseOf(clipped, weights)
  let cuts = partition(clipped, weights, penalty(noise, blocks))
  // Neighbours that are alike look calmer than they are: estimate that from what the first cuts leave over, cut again.
  const memory = residualCorrelation(clipped, cuts)
  if (memory > 0.05) {
    noise *= (1 + memory) / (1 - Math.min(0.95, memory))
    cuts = partition(clipped, weights, penalty(noise, blocks))
  }
  return cuts.slice(1).map((end, i) => {
    const from = edges[cuts[i]!]!
    const to = edges[end]!
    return { from, to, level: medianOf(values.subarray(from, to)) }
  })
}

// 3 ln n per change of mean (two parameters: place and level), in units of the noise variance.
const penalty = (noise: number, blocks: number): number => Math.max(noise, 1e-10) * 4 * Math.log(Math.max(10, blocks))

function blockEdges(n: number): number[] {
  if (n <= maxBlocks) return Array.from({ length: n + 1 }, (_, i) => i)
  const edges = Array.from({ length: singles }, (_, i) => i)
  const size = Math.ceil((n - singles) / (maxBlocks - singles))
  for (let at = singles; at < n; at += size) edges.push(at)
  edges.push(n)
  return edges
}

export function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

// A running median follows a step but not a spike; what lies far from it is pulled in to three deviations.
function clipOutliers(logs: Float64Array): Float64Array {
  const n = logs.length
  const reach = 10
  const centre = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    // Windows shrink towards both ends, so that the first slow requests are their own centre.
    const r = Math.min(reach, i, n - 1 - i)
    centre[i] = medianOf(logs.subarray(i - r, i + r + 1))
  }
  const deviations = logs.map((value, i) => Math.abs(value - centre[i]!))
  const limit = 3 * Math.max(1e-9, 1.4826 * medianOf(deviations))
  return logs.map((value, i) => Math.min(centre[i]! + limit, Math.max(centre[i]! - limit, value)))
}

// Variance of a single sample from neighbouring differences, which a few steps do not disturb.
function noiseOf(logs: Float64Array, weights: Float64Array): number {
  const n = logs.length
  const scaled = new Float64Array(n - 1)
  for (let i = 1; i < n; i++)
    scaled[i - 1] = Math.abs(logs[i]! - logs[i - 1]!) / Math.sqrt(1 / weights[i]! + 1 / weights[i - 1]!)
  let squares = 0
  for (const value of scaled) squares += value * value
  const sigma = 1.4826 * medianOf(scaled)
  // The median of differences underestimates a law with two modes; the mean square overestimates one with steps.
  return Math.max(sigma * sigma, Math.min(squares / (n - 1), 4 * sigma * sigma))
}

function partition(logs: Float64Array, weights: Float64Array, beta: number): number[] {
  const n = logs.length
  const w = new Float64Array(n + 1)
  const wx = new Float64Array(n + 1)
  const wxx = new Float64Array(n + 1)
  for (let i = 0; i < n; i++) {
    w[i + 1] = w[i]! + weights[i]!
    wx[i + 1] = wx[i]! + weights[i]! * logs[i]!
    wxx[i + 1] = wxx[i]! + weights[i]! * logs[i]! ** 2
  }
  const cost = (a: number, b: number): number => wxx[b]! - wxx[a]! - (wx[b]! - wx[a]!) ** 2 / (w[b]! - w[a]!)
  const best = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY)
  const previous = new Int32Array(n + 1)
  best[0] = -beta
  let candidates = [0]
  for (let end = minBlocks; end <= n; end++) {
    for (const start of candidates) {
      const value = best[start]! + cost(start, end) + beta
      if (value < best[end]!) {
        best[end] = value
        previous[end] = start
      }
    }
    const limit = best[end]!
    candidates = candidates.filter((start) => best[start]! + cost(start, end) <= limit)
    const next = end - minBlocks + 1
    if (next >= minBlocks) candidates.push(next)
  }
  const cuts = [n]
  while (cuts[0]! > 0) cuts.unshift(previous[cuts[0]!]!)
  return cuts
}

function residualCorrelation(logs: Float64Array, cuts: readonly number[]): number {
  let products = 0
  let squares = 0
  for (let c = 1; c < cuts.length; c++) {
    const from = cuts[c - 1]!
    const to = cuts[c]!
    let mean = 0
    for (let i = from; i < to; i++) mean += logs[i]!
    mean /= to - from
    for (let i = from; i < to; i++) {
      squares += (logs[i]! - mean) ** 2
      if (i > from) products += (logs[i]! - mean) * (logs[i - 1]! - mean)
    }
  }
  return squares === 0 ? 0 : products / squares
}
