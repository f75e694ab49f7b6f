// `tailwatt explain`: what an id means. Looks through metrics, findings and errors; writes no text of its own.
import { errorKinds, type ErrorCode } from '../base/errors.ts'
import { findingCatalog } from './findings/catalog.ts'
import { metricCatalog } from '../metrics/catalog.ts'
import { renamedFindings } from '../run/upgrade-1-to-2/findings.ts'

export interface Explanation {
  readonly kind: 'metric' | 'finding' | 'error'
  readonly id: string
  readonly title: string
  readonly text: string
}

/** `undefined` when nothing has that id, or had it in a run of an older format. */
export function explain(asked: string): Explanation | undefined {
  const id = renamedFindings.get(asked) ?? asked
  const metric = metricCatalog.find((entry) => entry.id === id || entry.id === id.replace('.', '_'))
  if (metric) return { kind: 'metric', id: metric.id, title: `${metric.id} (${metric.unit})`, text: metric.formula }
  const finding = findingCatalog.find((entry) => entry.id === id)
  if (finding) return { kind: 'finding', id, title: finding.title, text: finding.explain }
  if (Object.hasOwn(errorKinds, id)) {
    const kind = errorKinds[id as ErrorCode]
    return { kind: 'error', id, title: `${kind.title} (exit ${kind.exit})`, text: kind.remedy }
  }
  return undefined
}

/** Every id that can be explained. */
export const explainable = (): readonly string[] => [
  ...metricCatalog.map((entry) => entry.id),
  ...findingCatalog.map((entry) => entry.id),
  ...Object.keys(errorKinds),
]
