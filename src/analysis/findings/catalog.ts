// Every finding, in the order in which equals are shown.
import type { Finding } from '../../run/document.ts'
import { measuredGain } from './advice.ts'
import { bindingCost } from './binding.ts'
import { garbageCollection } from './collections.ts'
import { energyDisagrees } from './energy-disagrees.ts'
import { farFromCeiling } from './far-from-ceiling.ts'
import type { FindingInput, FindingRule } from './finding.ts'
import { steal, throttled } from './host-limits.ts'
import { loadInStep } from './load-in-step.ts'
import { twoModes } from './modes.ts'
import { queueTail, rateNotHeld } from './queueing.ts'
import { tooFewSamples } from './sample-size.ts'
import { coldStartCost, firstInference, notSteady, warmupOutlastsRun } from './steadiness.ts'
import { idleCpus, spinning, tooManyThreads } from './threads.ts'
import { thermalThrottle } from './throttling.ts'
import { failedRequests, loadNotAsAsked } from './trust.ts'

export const findingCatalog: readonly FindingRule[] = [
  failedRequests,
  rateNotHeld,
  loadNotAsAsked,
  throttled,
  steal,
  thermalThrottle,
  energyDisagrees,
  loadInStep,
  measuredGain,
  tooManyThreads,
  spinning,
  queueTail,
  garbageCollection,
  twoModes,
  notSteady,
  warmupOutlastsRun,
  tooFewSamples,
  bindingCost,
  idleCpus,
  farFromCeiling,
  firstInference,
  coldStartCost,
]

const rank = { critical: 0, warn: 1, info: 2 } as const

/** All that was found, the gravest first. */
export function findAll(input: FindingInput): readonly Finding[] {
  return findingCatalog
    .flatMap((rule) => {
      const found = rule.find(input)
      return found ? [{ id: rule.id, ...found }] : []
    })
    .sort((a, b) => rank[a.severity] - rank[b.severity])
}
