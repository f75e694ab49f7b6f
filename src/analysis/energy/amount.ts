// What a channel says about the energy of a window: joules, how sure that is, and what it rests on.
import { normalQuantile, studentQuantile } from '../../stats/student.ts'
import type { Interval } from './suspends.ts'

/** How a channel's readings are to be taken. Times in ns. */
export interface SensorTiming {
  /** Between updates of the sensor. */
  readonly period: number
  /** Over which a reading averages; 0 when not known. */
  readonly window: number
  /**
   * The longest time over which the load repeats itself, where it is known: how long power may hide from a slower sensor.
   * Not known: the sensor's own resolution is taken.
   */
  readonly rhythm?: number
  /** When nobody knows what the sensor did. */
  readonly gaps: readonly Interval[]
  /** When the sensors were read faster, to learn what they are like: no measure of how far readings lie apart. */
  readonly burst?: Interval
}

export interface Amount {
  /** J over the part of the window that is known. */
  readonly joules: number
  /** Share of the window that readings cover. */
  readonly coverage: number
  /** J that `joules` holds for what readings do not cover; left out: none, and `joules` is of the covered part. */
  readonly bridged?: number
  /** Half-width of the 95 % statistical interval, without what is not covered. */
  readonly error: number
  /** What the window cannot have cost less or more than, by the counter alone (∞: not bounded); gauges: extremes of power. */
  readonly bounds: readonly [number, number]
  /** Readings, or updates of a counter, within the window. */
  readonly n: number
  /** True when fewer than two updates of the sensor fall into the window. */
  readonly belowResolution: boolean
}

/**
 * Share of (power × time) by which linear interpolation misplaces energy at one edge, one standard deviation: a change of
 * power anywhere within an update, met at any fraction f of it, misplaces min(f, g) − f·g of the step. Its root mean square
 * over f and g is 1/√90; both edges at 95 % give 0.29.
 */
export const edgeShare: number = 1 / Math.sqrt(90)

/** 95 % half-width of a sum of independent errors, by how many readings they were estimated from. */
export const halfWidth = (variance: number, n: number): number =>
  variance <= 0
    ? 0
    : Math.sqrt(variance) * (n > 200 ? normalQuantile(0.975) : studentQuantile(0.975, Math.max(2, n - 1)))
