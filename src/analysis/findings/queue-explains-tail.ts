// Waiting in the queue as the explanation of the tail.
import { percent, type FindingRule } from './finding.ts'

export const queueExplainsTail: FindingRule = {
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
