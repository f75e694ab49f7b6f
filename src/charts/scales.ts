// From data to places on the page, with ticks people can read.
export interface Scale {
  (value: number): number
  readonly ticks: readonly number[]
}

/** The least and the greatest of those that are finite; `undefined` when none is. Takes any number of them. */
export function extent(values: Iterable<number | undefined>): readonly [number, number] | undefined {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value === undefined || !Number.isFinite(value)) continue
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  return least <= most ? [least, most] : undefined
}

/** Ends of an axis that can be divided: what is not finite is nothing, and no span over- or underflows. */
function domain(from: number, to: number): readonly [number, number, number] {
  const bounded = (value: number): number => (Number.isFinite(value) ? Math.max(-1e300, Math.min(1e300, value)) : 0)
  const [low, high] = [bounded(from), bounded(to)]
  const span = high > low ? high - low : Math.abs(low) || 1
  return [low, high, Math.max(span, 1e-300, Math.abs(low) * 1e-12)]
}

/** Ticks at 1, 2 or 5 times a power of ten; the domain grows to the outer ones. */
export function linear(first: number, last: number, start: number, end: number, wanted = 5): Scale {
  const [from, to, span] = domain(first, last)
  const rough = span / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power
  const low = Math.floor(from / step + 1e-9) * step
  const high = Math.max(low + step, Math.ceil(to / step - 1e-9) * step)
  const count = Math.round((high - low) / step)
  return scale(
    (value) => (value - low) / (high - low),
    start,
    end,
    Array.from({ length: count + 1 }, (_, i) => low + i * step),
  )
}

/** A linear axis that ends where the data do: ticks lie within. */
export function exact(first: number, last: number, start: number, end: number, wanted = 5): Scale {
  const [from, to, span] = domain(first, last)
  const outer = linear(from, to, start, end, wanted)
  return scale(
    (value) => (value - from) / span,
    start,
    end,
    outer.ticks.filter((tick) => tick >= from - 1e-9 * span && tick <= to + 1e-9 * span),
  )
}

/** A logarithmic axis over positive numbers, with ticks at 1, 2 and 5 (or 1 only, over many decades). */
export function logarithmic(from: number, to: number, start: number, end: number): Scale {
  const low = Math.min(Math.max(domain(from, to)[0], 1e-12), 1e300)
  const high = Math.max(domain(from, to)[1], low * 1.2)
  const decades = Math.log10(high) - Math.log10(low)
  const factors = decades > 4 ? [1] : decades > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8]
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const factor of factors) {
      const tick = factor * 10 ** power
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick)
    }
  return scale((value) => (Math.log10(Math.max(value, low)) - Math.log10(low)) / decades, start, end, ticks)
}

/** 1/(1 − p) on a logarithmic axis: each nine takes the same room. `largest` is the last p shown. */
export function percentile(largest: number, start: number, end: number): Scale {
  // A million million requests are as good as any number of them.
  const last = Number.isFinite(largest) ? Math.max(0.5, Math.min(largest, 1 - 1e-12)) : 0.5
  const most = Math.log10(1 / (1 - last))
  const ticks = [0, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999].filter((p) => p <= last + 1e-12)
  return scale((p) => Math.log10(1 / (1 - Math.min(p, last))) / most, start, end, ticks)
}

const scale = (share: (value: number) => number, start: number, end: number, ticks: readonly number[]): Scale =>
  Object.assign((value: number) => start + share(value) * (end - start), { ticks })
