// What the phases of a measurement share.
import type { TargetFacts } from '../../run/manifest.ts'
import type { ProfileOptions } from '../options.ts'
import type { Plan } from '../plan.ts'
import type { RunRecorder } from './recorder.ts'
import type { Sensing } from '../sensing/sensing.ts'

export interface MeasureContext {
  readonly options: ProfileOptions
  readonly plan: Plan
  readonly recorder: RunRecorder
  readonly sensing: Sensing
  readonly epoch: bigint
  readonly folder: string
  readonly runId: string
  readonly targetName: string
  readonly flow: TargetFacts['flow']
}
