// Waiting in the queue as the explanation of the tail, and a rate the target cannot hold.
import { formatNumber } from '../../units/quantity.ts'
import { percent, type FindingRule } from './finding.ts'

export const queueTail: FindingRule = {
  id: 'queue-explains-tail',
  title: 'The tail is waiting, not computing',
  explain:
    'The requests above p99 spent most of their time waiting for a free instance. A faster model helps the tail less than ' +
    'more --instances, batching, or a lower rate per replica.',
  find({ document, series }) {
    const p99 = document.latency_ms.p99.value
    if (document.load.mode !== 'open' || p99 === null) return undefined
    const { response, queueWait } = series
    let tail = 0
    let waiting = 0
    let waited = 0
    let total = 0
    for (let i = 0; i < response.ns.length; i++) {
      if (response.ns[i]! / 1e6 <= p99) continue
      tail++
      waited += queueWait.ns[i]!
      total += response.ns[i]!
      if (queueWait.ns[i]! > 0.5 * response.ns[i]!) waiting++
    }
    if (tail < 5 || waited / total < 0.5) return undefined
    return {
      severity: 'warn',
      title: `${percent(waiting / tail)} of the requests above p99 mostly waited in the queue`,
      advice: 'more --instances, or a lower --rate per replica',
      evidence: {
        requests_above_p99: tail,
        mostly_waiting: waiting,
        wait_share_of_tail: waited / total,
        service_p99_ms: document.service_ms.p99.value,
      },
    }
  },
}

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
    const held = document.throughput.requests_per_s
    if (last < 3 * first || last < 5 * service || held > 0.97 * asked) return undefined
    return {
      severity: 'critical',
      title: `the target serves ${formatNumber(held)}/s of the ${formatNumber(asked)}/s asked; its queue kept growing`,
      advice: `use a --rate below ${formatNumber(held)}/s, or more --instances`,
      evidence: { asked_per_s: asked, served_per_s: held, wait_first_quarter_ms: first, wait_last_quarter_ms: last },
    }
  },
}
