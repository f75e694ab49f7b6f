// Every finding, in the order in which equals are shown.
import type { Finding } from '../../run/sections/verdict.ts'
import { settingHelps } from './setting-helps.ts'
import { bindingCost } from './binding-cost.ts'
import { gcInLoadPath } from './gc-in-load-path.ts'
import { energyDisagrees } from './energy-disagrees.ts'
import { farFromCeiling } from './far-from-ceiling.ts'
import type { FindingInput, FindingRule } from './finding.ts'
import { cpuStolen } from './cpu-stolen.ts'
import { cpuQuotaThrottled } from './cpu-quota-throttled.ts'
import { sensorAliasing } from './sensor-aliasing.ts'
import { bimodalLatency } from './bimodal-latency.ts'
import { keepAliveRace } from './keep-alive-race.ts'
import { rateNotHeld } from './rate-not-held.ts'
import { queueExplainsTail } from './queue-explains-tail.ts'
import { tooFewSamples } from './too-few-samples.ts'
import { notSteady } from './not-steady.ts'
import { warmUpLong } from './warm-up-long.ts'
import { firstInferenceSlow } from './first-inference-slow.ts'
import { coldStart } from './cold-start.ts'
import { cpusLeftIdle } from './cpus-left-idle.ts'
import { threadsSpinIdle } from './threads-spin-idle.ts'
import { threadsExceedCpus } from './threads-exceed-cpus.ts'
import { thermalThrottle } from './thermal-throttle.ts'
import { failedRequests } from './failed-requests.ts'
import { loadNotAsAsked } from './load-not-as-asked.ts'

export const findingCatalog: readonly FindingRule[] = [
  failedRequests,
  keepAliveRace,
  rateNotHeld,
  loadNotAsAsked,
  cpuQuotaThrottled,
  cpuStolen,
  thermalThrottle,
  energyDisagrees,
  sensorAliasing,
  settingHelps,
  threadsExceedCpus,
  threadsSpinIdle,
  queueExplainsTail,
  gcInLoadPath,
  bimodalLatency,
  notSteady,
  warmUpLong,
  tooFewSamples,
  bindingCost,
  cpusLeftIdle,
  farFromCeiling,
  firstInferenceSlow,
  coldStart,
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
