// Format 2: two findings have the ids that the field has for them, and the share of the slow time that fell into throttled
// seconds is called after what it is a share of: the excess over unthrottled service times.
import { changed, isObject, type Json } from './json.ts'

/** Old id → new id. */
export const renamedFindings: ReadonlyMap<unknown, string> = new Map([
  ['two-modes', 'bimodal-latency'],
  ['load-in-step', 'sensor-aliasing'],
])

export function upgradeFindings(document: Json): Json {
  const { findings } = document
  return Array.isArray(findings)
    ? { ...document, findings: findings.map((each) => (isObject(each) ? upgradeFinding(each) : each)) }
    : document
}

const upgradeFinding = (finding: Json): Json =>
  changed({ ...finding, id: renamedFindings.get(finding['id']) ?? finding['id'] }, 'evidence', renamedShare)

export const upgradeCoincidence = (document: Json): Json =>
  changed(document, 'thermal', (thermal) => changed(thermal, 'coincidence', renamedShare))

function renamedShare(object: Json): Json {
  if (!('rise_share' in object)) return object
  const { rise_share: excess_share, ...rest } = object
  return { ...rest, excess_share }
}
