// Garbage collections that met requests.
import type { RunEvent } from '../../run/event.ts'
import { percent, type FindingRule } from './finding.ts'

export const gcInLoadPath: FindingRule = {
  id: 'gc-in-load-path',
  title: 'Garbage collection meets requests',
  explain:
    'The JavaScript engine of the load host stopped to collect garbage while requests were in flight. Where these requests ' +
    'are the slow ones, tensors and buffers made anew for every request are the usual cause. For an endpoint it is the ' +
    'load client of tailwatt that stopped, not the server.',
  find({ document, series, events }) {
    const pauses = events.flatMap((event) => {
      if (event.kind !== 'gc') return []
      const { duration_ms } = (event as RunEvent<'gc'>).data
      return [{ from: event.t - duration_ms * 1e6, to: event.t, duration_ms }]
    })
    const p99 = document.latency_ms.p99.value
    if (pauses.length === 0 || p99 === null) return undefined
    const { ns, at } = series.response
    let tail = 0
    let met = 0
    let pausedNs = 0
    for (let i = 0; i < ns.length; i++) {
      if (ns[i]! / 1e6 <= p99) continue
      tail++
      const done = at[i]!
      const overlap = pauses.reduce(
        (sum, pause) => sum + Math.max(0, Math.min(done, pause.to) - Math.max(done - ns[i]!, pause.from)),
        0,
      )
      // A pause counts as the reason only when it makes up a fair part of the request.
      if (overlap > 0.2 * ns[i]!) met++
      pausedNs += overlap
    }
    if (tail < 5 || met / tail < 0.1) return undefined
    const ours = document.target.client !== undefined
    return {
      severity: met / tail > 0.4 ? 'warn' : 'info',
      title: `garbage collection ${ours ? 'of the load client ' : ''}lies in ${percent(met / tail)} of the requests above p99`,
      advice: ours
        ? 'this is tailwatt, not the server: leave a core to the load'
        : 'reuse tensors and buffers between requests',
      evidence: { requests_above_p99: tail, met, paused_ms: pausedNs / 1e6, collections: pauses.length },
    }
  },
}
