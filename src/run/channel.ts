// What one stream of sensor readings is: its unit, its nature, whose power or time it counts, and inside which other
// channel it lies, so that sums never count a joule twice.
import type { ChannelRole, ChannelSubject } from './channel-role.ts'
import type { Grade } from './figure.ts'
import type { ThrottleReason } from './throttle-reason.ts'

export type Quantity =
  | 'energy'
  | 'power'
  | 'temperature'
  | 'clock'
  | 'utilization'
  | 'time'
  | 'bytes'
  | 'count'
  | 'memory'
  /** Bytes a second. */
  | 'bandwidth'
  /** A bit mask of reasons; `throttle` of the channel says what its bits mean. */
  | 'throttle'
  /** Carbon of the grid's electricity. */
  | 'intensity'

/**
 * `wall` (an external meter, power supply included) ⊃ `system` (board, BMC or battery) ⊃ `psys` ⊃ `package` ⊃ `core`,
 * `uncore`; `dram` beside `package`; `module` ⊃ `gpu`.
 */
export type Scope =
  | 'wall'
  | 'system'
  | 'psys'
  | 'package'
  | 'core'
  | 'uncore'
  | 'dram'
  | 'module'
  | 'gpu'
  | 'gpu-memory'
  | 'host'
  | 'cgroup'
  | 'process'
  | 'thread'
  | 'zone'

export interface Channel {
  /** For people, and unique in a run: `<sensor>/<device or scope>/<what>`, e.g. `rapl/package-0/energy`. What it is stands in the other keys. */
  readonly id: string
  readonly sensor: string
  readonly quantity: Quantity
  /** SI symbol; ratios are 0 to 1, never percent. */
  readonly unit: 'J' | 'W' | 'degC' | 'MHz' | 'ratio' | 's' | 'B' | 'B/s' | 'g/kWh' | '1'
  /** A counter only grows (already unwrapped by the sensor); a gauge is a moment; an average covers `window_ms`. */
  readonly kind: 'counter' | 'gauge' | 'average'
  readonly scope: Scope
  /** What it says; left out where quantity, scope and device say it all. */
  readonly role?: ChannelRole
  readonly subject?: ChannelSubject
  /** Of several channels with one role, subject and device the highest speaks; left out: 0. */
  readonly rank?: number
  /** Of a counter the one reason it counts; of a mask what its bits mean, where without `bit` any bit will do. */
  readonly throttle?: readonly Throttle[]
  /** Left out: measured, or modelled where the grade is D. */
  readonly origin?: 'replayed' | 'synthetic'
  /** Device UUID or name, when there is more than one of the scope. */
  readonly device?: string
  /** Id of the channel this one lies within. */
  readonly parent?: string
  /**
   * Counters of one group had their turn at the same times; its channels with the roles `time-running` and `time-enabled` are
   * the time they had it, and the time they were to have it. Counts are scaled by the two.
   */
  readonly group?: string
  readonly period_ms?: number
  readonly window_ms?: number
  readonly grade?: Grade
  /** For a model that gives a range: which end this channel is. */
  readonly bound?: 'low' | 'high'
  /** Half-width of the systematic error, as a share of the value (0.05 = ±5 %), where a source states one. */
  readonly systematic?: number
  /** A second reading of joules that another channel counts: compared with it, never added. */
  readonly check?: boolean
}

export interface Throttle {
  readonly reason: ThrottleReason
  readonly bit?: number
}

export const measuresPower = (channel: Channel): boolean =>
  (channel.quantity === 'energy' || channel.quantity === 'power') &&
  channel.bound === undefined &&
  channel.grade !== 'D'
