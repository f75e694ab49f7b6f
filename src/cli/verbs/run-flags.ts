// The flags of `run` as parsed, from the command line or from variables. The kinds of targets declare more of them: see
// `target-flags`.
import type { EnergyOptions } from '../../index.ts'

export interface RunFlags extends EnergyOptions {
  readonly rate?: number
  readonly concurrency?: number
  readonly arrivals?: 'constant' | 'poisson'
  readonly pacing?: 'sleep' | 'spin'
  readonly loadThreads?: number
  readonly connections?: number
  readonly for?: string
  readonly until?: string
  readonly requests?: number
  readonly repeats?: number
  readonly instances?: number
  readonly cold?: number
  readonly idle?: string
  readonly includeWarmup?: boolean
  readonly sla?: readonly string[]
  readonly onBreach?: string
  readonly allowEstimates?: boolean
  readonly strict?: boolean
  readonly maxErrors?: number
  readonly seed?: number
  readonly name?: string
  readonly out?: string
  readonly advise?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  readonly live?: true | number
  readonly api?: string
  readonly keepBody?: boolean
  readonly sensors?: readonly string[]
  readonly ceilings?: boolean
}
