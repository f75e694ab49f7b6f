// A stored document with another region, tariff or embodied emissions: only what rests on them is reckoned anew, from the
// document's own figures, so that nothing measured changes.
import type { RunDocument } from '../run/document.ts'
import type { EnergyContext, Unmeasured } from '../run/manifest.ts'
import { reasonFor } from './sla/absence.ts'
import { contextual, impactAbsences, impactInput, impactOf, mergedContext } from './impact/impact.ts'
import { judge, parseRule } from './sla/sla.ts'

/** Rows of `unmeasured` that the context decides about. */
const ownRows = new Set(['carbon_g', 'cost', 'sci'])

export function withContext(document: RunDocument, given: EnergyContext): RunDocument {
  const context = mergedContext(document.energy_context ?? {}, given)
  const input = impactInput(document)
  const energy = { ...document.energy, ...impactOf(input, context) }
  // That a zone gave no reading does not matter to a grid that has nothing to do with it.
  const kept = document.unmeasured.filter(
    ({ what }) => !ownRows.has(what) && (what !== 'grid_intensity' || context.zone === document.energy_context?.zone),
  )
  const unmeasured = [...kept, ...impactAbsences(input, context, kept)]
  return { ...document, energy_context: context, energy, unmeasured, sla: judgedAgain(document, energy, unmeasured) }
}

function judgedAgain(
  document: RunDocument,
  energy: RunDocument['energy'],
  unmeasured: readonly Unmeasured[],
): RunDocument['sla'] {
  return document.sla.map((result) =>
    contextual.has(result.metric)
      ? judge(parseRule(result.rule), {
          source: { ...document, energy },
          percentile: () => ({ value: null, low: null, high: null, n: 0 }),
          allowEstimates: document.allow_estimates,
          reasonFor: (metric) => reasonFor(metric, unmeasured),
        })
      : result,
  )
}
