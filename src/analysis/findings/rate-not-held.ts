// A rate that the target cannot hold: its queue kept growing.
import { formatNumber } from '../../units/quantity.ts'
import type { FindingRule } from './finding.ts'

export const rateNotHeld: FindingRule = {
  id: 'rate-not-held',
  title: 'The target cannot keep up with the rate',
  explain:
    'The queue grew from the first to the last quarter of the run: requests arrive faster than they are served. Latencies ' +
    'of such a run depend on its length and describe the backlog, not the target.',
  find({ document, series }) {
    const asked = document.load.rate_per_s
    const { ns } = series.queueWait
    const service = document.service_ms.p50.value
    if (asked === null || ns.length < 40 || service === null) return undefined
    const quarter = Math.floor(ns.length / 4)
    const meanOf = (from: number): number => {
      let sum = 0
      for (let i = from; i < from + quarter; i++) sum += ns[i]!
      return sum / quarter / 1e6
    }
    const first = meanOf(0)
    const last = meanOf(ns.length - quarter)
    const held = document.throughput.requests_per_s.value
    if (held === null || last < 3 * first || last < 5 * service || held > 0.97 * asked) return undefined
    return {
      severity: 'critical',
      title: `the target serves ${formatNumber(held)}/s of the ${formatNumber(asked)}/s asked; its queue kept growing`,
      advice: `use a --rate below ${formatNumber(held)}/s, or more --instances`,
      evidence: { asked_per_s: asked, served_per_s: held, wait_first_quarter_ms: first, wait_last_quarter_ms: last },
    }
  },
}
