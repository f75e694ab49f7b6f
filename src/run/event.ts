// A thing that happened once in a run, and what each kind of it carries.
import type { Amount, AmountOrNaN } from './refined.ts'

/** As whoever saw it tells it: cold-start trials, garbage collections, errors, phases, clock pairs, breaches. */
export interface Occurrence<Kind extends EventKind = EventKind> {
  /** ns since the epoch. */
  readonly t: number
  readonly kind: Kind
  readonly data: EventData[Kind]
}

/** As it is stored: the writer of the run says which recording it is of. */
export interface RunEvent<Kind extends EventKind = EventKind> extends Occurrence<Kind> {
  readonly recording: number
}

export type EventKind = keyof EventData

/** What each kind of event carries. Times within are as the name's suffix says. */
export interface EventData {
  /** One fresh process: spawn → host ready → engine and model read → session created → first inference done. */
  cold_start: {
    trial: Amount
    process_ms: AmountOrNaN
    load_ms: AmountOrNaN
    session_ms: AmountOrNaN
    first_inference_ms: AmountOrNaN
  }
  /** A garbage collection in a load thread or the load host. */
  gc: { thread: string; kind: string; duration_ms: Amount }
  /** A failure, its first occurrence of each code and then at most 100 (the requests table has all). */
  error: { code: string; message: string; request: Amount }
  phase: { name: string; edge: 'begin' | 'end' }
  /** A (monotonic, wall) pair, once a second; `wall_ms` is Unix time. */
  clock: { wall_ms: Amount; boot_ns: AmountOrNaN }
  /** Ring rows lost because the drain could not follow; invalidates the run. */
  overflow: { thread: string; lost: Amount }
  /** The load host's own accounting over the load phase, per thread. */
  host_usage: {
    thread: string
    cpu_s: AmountOrNaN
    wall_s: Amount
    spin_s: Amount
    /** It was ready and had no CPU. */
    waited_s?: AmountOrNaN
  }
  /** What the client of a load thread had to do besides sending, over the load phase. */
  client_usage: {
    thread: string
    /** Open at the end. */
    connections: Amount
    /** Opened because a request had none to go on, and the longest time that took. */
    opened_late: Amount
    slowest_opening_ms: Amount
    /** Sent again on a fresh connection: the server closed the first before any byte of an answer. */
    resent: Amount
    /** Of which the system took more than 50 µs to take. */
    slow_sends: Amount
    /** How often the wall clock was set. */
    clock_steps: Amount
  }
  /** tailwatt's own cost in the main process. */
  self_usage: {
    cpu_s: Amount
    wall_s: Amount
    drain_lag_p99_ms: Amount
    sample_gap_p50_ms?: Amount | null
    sample_gap_p99_ms: Amount | null
    sample_gap_max_ms?: Amount | null
  }
  /** An SLA rule was seen to be broken beyond doubt while measuring. */
  breach: { rule: string; value: Amount; unit: string; at_s: Amount; command_status: Amount | null }
  /** The load host ended: exit code or signal, and whether it was asked to. */
  host_exit: { code: Amount | null; signal: string | null; expected: boolean }
  /** A sensor stopped or came back. */
  sensor: { id: string; state: 'lost' | 'back' | 'failed'; reason: string }
  /** How well the times of a streaming sensor's readings are known: half the round trip of each. */
  sensor_timing: { id: string; n: Amount; half_round_trip_p50_ms: Amount; half_round_trip_max_ms: Amount }
  /** How long a read of a sensor took, over the run. */
  sensor_read: { id: string; median_us: Amount; max_us: Amount; n: Amount }
  note: { text: string }
}
