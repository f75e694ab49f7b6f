// The course of a run so far, in memory of a fixed size: one point for each report of progress, thinned when they are many.
// Percentiles are never averaged: of two neighbours one is kept, with the larger maximum of both.
import type { Figure } from '../run/figure.ts'
import type { Progress } from '../run/progress.ts'

/** A moment of the run; what was not measured is left out. */
export interface LivePoint {
  readonly t_s: number
  readonly requests: number
  /** Time that `requests` took, s. */
  readonly s: number
  readonly p50_ms?: number
  readonly p99_ms?: number
  readonly max_ms?: number
  readonly cpu_w?: Figure
  readonly gpu_w?: Figure
  readonly system_w?: Figure
  readonly cpu_c?: number
  readonly cpu_mhz?: number
  readonly gpu_c?: number
  readonly gpu_mhz?: number
}

const mostPoints = 600

export class LiveHistory {
  #points: LivePoint[] = []

  get points(): readonly LivePoint[] {
    return this.#points
  }

  /** @returns the new point; a time before the last one begins anew (a repeat) */
  add(progress: Progress): LivePoint {
    const point = pointOf(progress)
    if (point.t_s < (this.#points.at(-1)?.t_s ?? 0)) this.#points = []
    this.#points.push(point)
    if (this.#points.length > mostPoints) this.#points = thinned(this.#points)
    return point
  }
}

function pointOf({ elapsed_s, recent, power, devices }: Progress): LivePoint {
  const gpus = devices?.gpus ?? []
  return {
    t_s: elapsed_s,
    requests: recent?.requests ?? 0,
    s: recent?.s ?? 0,
    ...present({
      p50_ms: recent?.p50_ms,
      p99_ms: recent?.p99_ms,
      max_ms: recent?.max_ms,
      cpu_w: power?.cpu_w,
      gpu_w: power?.gpu_w,
      system_w: power?.system_w,
      cpu_c: devices?.cpu.temperature_c,
      cpu_mhz: devices?.cpu.clock_mhz,
      // Of several GPUs the hottest and the slowest: those that would explain a slow answer.
      gpu_c: extreme(
        gpus.map((gpu) => gpu.temperature_c),
        Math.max,
      ),
      gpu_mhz: extreme(
        gpus.map((gpu) => gpu.clock_mhz),
        Math.min,
      ),
    }),
  }
}

function extreme(values: readonly (number | null)[], pick: (...values: number[]) => number): number | undefined {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? undefined : pick(...known)
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> }

const present = <T extends object>(values: T): Present<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined)) as Present<T>

function thinned(points: readonly LivePoint[]): LivePoint[] {
  const kept: LivePoint[] = []
  for (let i = 0; i < points.length; i += 2) {
    const [a, b] = [points[i]!, points[i + 1]]
    if (!b) kept.push(a)
    else {
      const max = Math.max(a.max_ms ?? 0, b.max_ms ?? 0)
      kept.push({ ...b, requests: a.requests + b.requests, s: a.s + b.s, ...(max > 0 ? { max_ms: max } : {}) })
    }
  }
  return kept
}
