// Hot path (bench/quantiles.bench.mjs). Exact quantiles by selection: one pass counts the samples by the leading bits of
// their floating-point form, a second gathers only those that share a bucket with a wanted rank. Nothing is sorted whole.

/** Leading bits that make a bucket: sign, 11 of exponent, 6 of mantissa (1.6 % wide). */
const keyBits = 18

const shift = 32 - keyBits

/**
 * Order statistics of `samples` (finite, any order, left untouched) at `ranks` (0-based, ascending or not).
 * Source of the idea: radix selection, Knuth TAOCP vol. 3 §5.2.5.
 */
export function orderStatistics(samples: Float64Array, ranks: readonly number[]): number[] {
  if (samples.length === 0) return ranks.map(() => Number.NaN)
  const words = new Uint32Array(samples.buffer, samples.byteOffset, samples.length * 2)
  const counts = new Uint32Array(1 << keyBits)
  const length = words.length
  for (let i = 1; i < length; i += 2) counts[keyOf(words[i]!)]!++
  const wanted = wantedBuckets(counts, ranks)
  gather(samples, words, wanted)
  return ranks.map((rank) => {
    const bucket = wanted.find((b) => rank >= b.from && rank < b.from + b.values.length)!
    return selectRank(bucket, rank - bucket.from)
  })
}

// Maps the high word of a double so that unsigned order is numeric order: negatives are inverted, the rest get the sign bit.
const keyOf = (high: number): number =>
  ((high >>> 31 === 0 ? high | 0x80000000 : ~high) >>> shift) & ((1 << keyBits) - 1)

interface Bucket {
  readonly key: number
  /** Rank of its smallest sample. */
  readonly from: number
  readonly values: Float64Array
  filled: number
  sorted: boolean
}

function wantedBuckets(counts: Uint32Array, ranks: readonly number[]): Bucket[] {
  const ascending = [...new Set(ranks)].sort((a, b) => a - b)
  const buckets: Bucket[] = []
  let before = 0
  let next = 0
  for (let key = 0; key < counts.length && next < ascending.length; key++) {
    const count = counts[key]!
    if (count === 0) continue
    if (ascending[next]! < before + count) {
      buckets.push({ key, from: before, values: new Float64Array(count), filled: 0, sorted: false })
      while (next < ascending.length && ascending[next]! < before + count) next++
    }
    before += count
  }
  return buckets
}

function gather(samples: Float64Array, words: Uint32Array, buckets: readonly Bucket[]): void {
  const slots = new Int16Array(1 << keyBits).fill(-1)
  buckets.forEach((bucket, index) => (slots[bucket.key] = index))
  const { length } = samples
  for (let i = 0; i < length; i++) {
    const slot = slots[keyOf(words[2 * i + 1]!)]!
    if (slot < 0) continue
    const bucket = buckets[slot]!
    bucket.values[bucket.filled++] = samples[i]!
  }
}

// A bucket asked for its second rank is small or already partly ordered; sorting pays from the second on only when small.
function selectRank(bucket: Bucket, rank: number): number {
  const { values } = bucket
  if (!bucket.sorted && values.length <= 65_536) {
    values.sort()
    bucket.sorted = true
  }
  return bucket.sorted ? values[rank]! : quickselect(values, rank)
}

/** Reorders `values` so that the element of `rank` stands in its place, and gives it (Hoare, median of three). */
function quickselect(values: Float64Array, rank: number): number {
  let left = 0
  let right = values.length - 1
  while (right > left) {
    const a = values[left]!
    const b = values[(left + right) >>> 1]!
    const c = values[right]!
    const pivot = a < b ? (b < c ? b : a < c ? c : a) : a < c ? a : b < c ? c : b
    let i = left
    let j = right
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const swap = values[i]!
      values[i] = values[j]!
      values[j] = swap
      i++
      j--
    }
    if (rank <= j) right = j
    else if (rank >= i) left = i
    else return values[rank]!
  }
  return values[rank]!
}

/**
 * Percentiles by linear interpolation at rank (n − 1)·p, NumPy's default; `ps` as fractions. NaN for no samples.
 * @example quantiles(latencies, [0.5, 0.99])
 */
export function quantiles(samples: Float64Array, ps: readonly number[]): number[] {
  const last = samples.length - 1
  if (last < 0) return ps.map(() => Number.NaN)
  const ranks = ps.flatMap((p) => {
    const position = last * p
    return [Math.floor(position), Math.min(last, Math.floor(position) + 1)]
  })
  const values = orderStatistics(samples, ranks)
  return ps.map((p, i) => {
    const fraction = last * p - Math.floor(last * p)
    const below = values[2 * i]!
    const above = values[2 * i + 1]!
    // The end with the smaller weight is the correction, as NumPy does it: exact at both ends.
    return fraction < 0.5 ? below + (above - below) * fraction : above - (above - below) * (1 - fraction)
  })
}

export const quantile = (samples: Float64Array, p: number): number => quantiles(samples, [p])[0]!

/** Median; NaN of nothing. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
