// Which JSON is an event of a run: what each kind carries, checked when a stored event is read, since a right checksum says
// nothing of its sense.
import { isTooDeep } from './nesting.ts'
import type { EventData, EventKind, RunEvent } from './event.ts'

type Check = (value: unknown) => boolean

/** Beyond any count and any time in any unit; sums and squares of it stay finite. */
const largest = 2 ** 63
const number: Check = (value) => typeof value === 'number' && Math.abs(value) <= largest
/** JSON has no NaN: what was not known reads as null. */
const numberOrNull: Check = (value) => value === null || number(value)
const absent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const text: Check = (value) => typeof value === 'string'
const textOrNull: Check = (value) => value === null || text(value)
const flag: Check = (value) => typeof value === 'boolean'
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string)

const shapes: { readonly [Kind in EventKind]: { readonly [Key in keyof EventData[Kind]]-?: Check } } = {
  cold_start: {
    trial: number,
    process_ms: numberOrNull,
    load_ms: numberOrNull,
    session_ms: numberOrNull,
    first_inference_ms: numberOrNull,
  },
  gc: { thread: text, kind: text, duration_ms: number },
  error: { code: text, message: text, request: number },
  phase: { name: text, edge: oneOf('begin', 'end') },
  clock: { wall_ms: number, boot_ns: numberOrNull },
  overflow: { thread: text, lost: number },
  host_usage: {
    thread: text,
    cpu_s: numberOrNull,
    wall_s: number,
    spin_s: number,
  },
  self_usage: {
    cpu_s: number,
    wall_s: number,
    drain_lag_p99_ms: number,
    sample_gap_p50_ms: absent(numberOrNull),
    sample_gap_p99_ms: numberOrNull,
    sample_gap_max_ms: absent(numberOrNull),
  },
  breach: { rule: text, value: number, unit: text, at_s: number, command_status: numberOrNull },
  host_exit: { code: numberOrNull, signal: textOrNull, expected: flag },
  sensor: { id: text, state: oneOf('lost', 'back', 'failed'), reason: text },
  sensor_timing: { id: text, n: number, half_round_trip_p50_ms: number, half_round_trip_max_ms: number },
  sensor_read: { id: text, median_us: number, max_us: number, n: number },
  note: { text },
}

/** Whether parsed JSON is an event with all that its kind carries; keys we do not know are no fault. */
export function isEvent(value: unknown): value is RunEvent {
  if (!isObject(value) || !isObject(value['data'])) return false
  const { recording, t, kind, data } = value
  if (typeof recording !== 'number' || typeof t !== 'number' || !Number.isFinite(t)) return false
  if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind) || isTooDeep(data)) return false
  return Object.entries<Check>(shapes[kind as EventKind]).every(([key, check]) => check(data[key]))
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
