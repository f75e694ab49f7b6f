// What `profile()` takes, after defaults: the whole of a measurement as plain data plus the caller's callbacks.
import type { TailwattError } from '../base/errors.ts'
import type { EnergyOptions } from '../carbon/energy-context.ts'
import type { LoadSpec } from '../load/pacer.ts'
import type { RunDocument } from '../run/document.ts'
import type { Progress } from '../run/progress.ts'
import type { SensorSpec } from '../sensors/sensor.ts'
import type { TargetSpec } from '../targets/target.ts'

export type { Progress }

/** A duration as text with its unit (`'30s'`) or in nanoseconds. */
export type DurationInput = string | number

export interface ProfileOptions extends EnergyOptions {
  readonly target: TargetSpec
  /** Default: closed loop, one request outstanding. Made by `closed()`, `constant()`, `poisson()`. */
  readonly load?: Partial<LoadSpec>
  /** Stop after this long. Default 30 s. */
  readonly for?: DurationInput
  readonly requests?: number
  /** `'p99±5%'`: stop as soon as the percentile's interval is that narrow. Default so, unless `for` or `requests` is given. */
  readonly until?: string
  /** Engine instances; one thread each. Default 1. */
  readonly instances?: number
  /** Fresh processes for the cold start, the measuring one included. Default 3. */
  readonly cold?: number
  readonly sla?: readonly string[]
  readonly onBreach?: string
  readonly allowEstimates?: boolean
  readonly includeWarmup?: boolean
  /** Share of failed requests above which the run fails. Default 0.01. */
  readonly maxErrors?: number
  /** What to read besides time. Default: all that need no address; see `parseSensors`. */
  readonly sensors?: readonly SensorSpec[]
  /** Sampling rate in Hz. Default 10. */
  readonly sampleHz?: number
  /**
   * How long idle power is measured before and after the load, where a sensor measures power. Default 2 s; `'0s'` or 0: not at
   * all. Before it the sensors are read fast for as long, at most 2 s, to learn how often they update.
   */
  readonly idle?: DurationInput
  /**
   * What this host reaches at most, for MFU and shares of bandwidth. True: measured before the load (about 4 s) and kept for later
   * runs; left out: as it was measured last, else by the processor's width; false: not at all.
   */
  readonly ceilings?: boolean
  /** Folder that holds the runs. Default `runs`. */
  readonly out?: string
  readonly name?: string
  readonly group?: string
  readonly seed?: number
  readonly advise?: boolean
  readonly command?: readonly string[]
  /** Keeps the request's body in the stored command and in messages that repeat it. Default: REDACTED, like every secret. */
  readonly keepBody?: boolean
  /** The whole measurement so many times; the last run holds what differed between them. Default 1. */
  readonly repeats?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
  /** What the user should know before the load starts: a sensor named in `sensors` that is not read. */
  readonly onWarning?: (warning: string) => void
}

/** A finished run: its folder and what was found. */
export interface Run {
  readonly folder: string
  readonly document: RunDocument
  /** Why the document is not in the folder (a full disk): the rows are, and opening it stores what is missing. */
  readonly notStored?: TailwattError
}
