// From data to places on the page, with ticks people can read.
export interface Scale {
  (value: number): number
  readonly ticks: readonly number[]
}

/** Ticks at 1, 2 or 5 times a power of ten; the domain grows to the outer ones. */
export function linear(from: number, to: number, start: number, end: number, wanted = 5): Scale {
  const span = to > from ? to - from : Math.abs(from) || 1
  const rough = span / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough)! * power
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
export function exact(from: number, to: number, start: number, end: number, wanted = 5): Scale {
  const outer = linear(from, to, start, end, wanted)
  const span = to > from ? to - from : 1
  return scale(
    (value) => (value - from) / span,
    start,
    end,
    outer.ticks.filter((tick) => tick >= from - 1e-9 * span && tick <= to + 1e-9 * span),
  )
}

/** A logarithmic axis over positive numbers, with ticks at 1, 2 and 5 (or 1 only, over many decades). */
export function logarithmic(from: number, to: number, start: number, end: number): Scale {
  const low = Math.max(from, 1e-12)
  const high = Math.max(to, low * 1.2)
  const decades = Math.log10(high / low)
  const factors = decades > 4 ? [1] : decades > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8]
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const factor of factors) {
      const tick = factor * 10 ** power
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick)
    }
  return scale((value) => Math.log(Math.max(value, low) / low) / Math.log(high / low), start, end, ticks)
}

/** 1/(1 − p) on a logarithmic axis: each nine takes the same room. `last` is the largest p shown. */
export function percentile(last: number, start: number, end: number): Scale {
  const most = Math.log10(1 / (1 - last))
  const ticks = [0, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999].filter((p) => p <= last + 1e-12)
  return scale((p) => Math.log10(1 / (1 - Math.min(p, last))) / most, start, end, ticks)
}

const scale = (share: (value: number) => number, start: number, end: number, ticks: readonly number[]): Scale =>
  Object.assign((value: number) => start + share(value) * (end - start), { ticks })
