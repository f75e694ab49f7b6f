// What the JavaScript binding costs around the engine's own call.
import { formatDuration } from '../../units/quantity.ts'
import { percent, type FindingRule } from './finding.ts'

export const bindingCost: FindingRule = {
  id: 'binding-cost',
  title: 'The binding takes a part of each call',
  explain:
    'The time between our clock around `run` and the engine’s own call: copying inputs and outputs, creating tensors, ' +
    'crossing into native code. For small models it can rival the model. Larger batches share it between samples.',
  find({ document }) {
    const cost = document.binding_ms?.p50.value
    const service = document.service_ms.p50.value
    if (cost === undefined || cost === null || !service || cost / service < 0.05) return undefined
    const share = cost / service
    return {
      severity: share > 0.25 ? 'warn' : 'info',
      title: `the JavaScript binding costs ${formatDuration(cost * 1e6)} a call, ${percent(share)} of the service time`,
      advice: 'a larger --batch shares it between samples',
      evidence: { binding_p50_ms: cost, service_p50_ms: service, share },
    }
  },
}
