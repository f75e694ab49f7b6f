// What a finding is made from and how one is written: a pure look at what was measured that says one thing, with its
// evidence, or nothing. A new finding is one file and one line in `catalog.ts`.
import type { RunDocument } from '../../run/document.ts'
import type { Finding } from '../../run/sections/verdict.ts'
import type { RunEvent } from '../../run/event.ts'
import type { RunSeries } from '../requests/series.ts'

export interface FindingInput {
  /** The document so far: everything but findings. */
  readonly document: Omit<RunDocument, 'findings'>
  readonly series: RunSeries
  readonly events: readonly RunEvent[]
}

export interface FindingRule {
  readonly id: string
  readonly title: string
  /** What it means and what to do, for `tailwatt explain`. */
  readonly explain: string
  find(input: FindingInput): Omit<Finding, 'id'> | undefined
}

/** CPUs the target may really use: the cgroup's quota, or those it may be scheduled on. */
export const usableCpus = ({ document }: FindingInput): number =>
  Math.min(document.host.cpu_quota ?? Number.POSITIVE_INFINITY, document.host.cpus_allowed)

/** Threads the engine computes with: as asked, or its own default, one per physical core. */
export const engineThreads = ({ document }: FindingInput): number | undefined => {
  if (document.target.flow !== 'blocking' || document.target.engine === undefined) return undefined
  return document.target.threads ?? document.host.cpus_physical ?? undefined
}

export const percent = (share: number, digits = 2): string => `${Number((share * 100).toPrecision(digits))} %`
