// What makes the run itself doubtful: a load that was not the one asked for, and failed requests.
import { percent, type FindingRule } from './finding.ts'

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
    const [what, advice] = splitAdvice(reason!)
    return {
      severity: 'critical',
      title: what,
      ...(advice === undefined ? {} : { advice }),
      evidence: {
        asked_per_s: certificate.asked_per_s,
        achieved_per_s: certificate.achieved_per_s,
        send_delay_p99_ms: certificate.send_delay_ms.p99,
        other_reasons: others,
      },
    }
  },
}

// A reason of the certificate reads "what is wrong; what to do".
function splitAdvice(reason: string): readonly [string, string | undefined] {
  const at = reason.lastIndexOf('; ')
  return at < 0 ? [reason, undefined] : [reason.slice(0, at), reason.slice(at + 2)]
}

export const failedRequests: FindingRule = {
  id: 'failed-requests',
  title: 'Requests failed',
  explain:
    'Some requests failed. They are counted and left out of the latency series, which then shows the survivors only: an ' +
    'overloaded server that refuses quickly can look fast.',
  find({ document }) {
    const { failed, sent, errors } = document.requests
    const worst = errors[0]
    if (failed === 0 || !worst) return undefined
    const share = failed / sent
    return {
      severity: share > 0.01 ? 'critical' : 'warn',
      title: `${failed} of ${sent} requests failed (${percent(share)}), most often: ${worst.message ?? worst.code}`,
      advice: 'the latency shows the successful ones only',
      evidence: { failed, sent, codes: errors.map((error) => error.code), counts: errors.map((error) => error.count) },
    }
  },
}
