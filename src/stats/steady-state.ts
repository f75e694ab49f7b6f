// From segments of constant level to a verdict: does the series warm up, slow down, shift or never settle? Only a prefix
// is ever proposed to be cut, never the middle. Vocabulary after Barrett et al., "Virtual machine warmup blows hot and cold".
import { medianOf, segmentsOf, type Segment } from './changepoint.ts'

export type SteadyVerdict = 'flat' | 'warm-up' | 'slowdown' | 'shift' | 'no-steady-state'

export interface SteadyState {
  readonly verdict: SteadyVerdict
  /** Samples of the prefix to leave out; 0 when there is none. */
  readonly prefix: number
  /** Levels that differ by more than `tolerance`, in order. */
  readonly segments: readonly Segment[]
}

/** Levels closer than this are the same for practical purposes. */
export const tolerance = 0.05

/** @param values positive samples in order of time, such as service times */
export function steadyState(values: Float64Array): SteadyState {
  const segments = simplify(values, segmentsOf(values))
  const n = values.length
  if (segments.length <= 1) return { verdict: 'flat', prefix: 0, segments }
  const kept = afterPrefix(segments, n)
  const prefix = kept[0]!.from
  if (kept.length === 1) return { verdict: 'warm-up', prefix, segments }
  return { verdict: laterVerdict(kept, n), prefix, segments }
}

const slower = (a: number, b: number): boolean => a > b * (1 + tolerance)
const alike = (a: number, b: number): boolean => !slower(a, b) && !slower(b, a)

// Leading segments slower than what follows, as long as they end within the first half.
function afterPrefix(segments: readonly Segment[], n: number): readonly Segment[] {
  let first = 0
  while (
    first + 1 < segments.length &&
    segments[first]!.to <= n / 2 &&
    slower(segments[first]!.level, segments[first + 1]!.level)
  )
    first++
  return segments.slice(first)
}

function laterVerdict(kept: readonly Segment[], n: number): SteadyVerdict {
  const levels = kept.map((segment) => segment.level)
  const last = kept.at(-1)!
  let turns = 0
  for (let i = 2; i < levels.length; i++) {
    if (slower(levels[i - 1]!, levels[i - 2]!) !== slower(levels[i]!, levels[i - 1]!)) turns++
  }
  // Four levels that keep turning, or a descent that is still under way at the end.
  if (turns >= 2 && levels.length >= 4) return 'no-steady-state'
  if (levels.every((level, i) => i === 0 || slower(level, levels[i - 1]!))) return 'slowdown'
  if (levels.length >= 3 && (last.to - last.from) / n < 0.2) return 'no-steady-state'
  return 'shift'
}

// Neighbours of practically one level become one; so does a short excursion that comes back to where it left.
function simplify(values: Float64Array, found: readonly Segment[]): readonly Segment[] {
  let segments = [...found]
  for (let changed = true; changed;) {
    changed = false
    for (let i = 0; i + 1 < segments.length && !changed; i++) {
      const a = segments[i]!
      const b = segments[i + 1]!
      const c = segments[i + 2]
      const excursion = c !== undefined && b.to - b.from < 0.05 * values.length && alike(a.level, c.level)
      const tail = c === undefined && b.to - b.from < 0.02 * values.length
      if (!alike(a.level, b.level) && !excursion && !tail) continue
      const end = excursion ? c : b
      const merged = { from: a.from, to: end.to, level: medianOf(values.subarray(a.from, end.to)) }
      segments.splice(i, excursion ? 3 : 2, merged)
      changed = true
    }
  }
  return segments
}
