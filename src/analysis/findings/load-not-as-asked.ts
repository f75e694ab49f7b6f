// A load that was not the one asked for makes the run doubtful.
import { reasonText } from '../requests/certificate.ts'
import type { FindingRule } from './finding.ts'

export const loadNotAsAsked: FindingRule = {
  id: 'load-not-as-asked',
  title: 'The load was not the one asked for',
  explain:
    'The load certificate failed: requests were sent late by us, at another rate or with other gaps than asked, or rows were ' +
    'lost. The latencies describe another experiment. Each reason names what mends it.',
  find({ document }) {
    const { load_certificate: certificate } = document
    if (certificate.valid) return undefined
    const [reason, ...others] = certificate.reasons
    const { title, advice } = reason!
    return {
      severity: 'critical',
      title,
      ...(advice === undefined ? {} : { advice }),
      evidence: {
        asked_per_s: certificate.asked_per_s,
        achieved_per_s: certificate.achieved_per_s,
        send_delay_p99_ms: certificate.send_delay_ms.p99,
        other_reasons: others.map(reasonText),
      },
    }
  },
}
