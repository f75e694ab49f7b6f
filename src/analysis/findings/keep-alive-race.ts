// A server that closes connections while requests are on their way to it.
import type { RunEvent } from '../../run/event.ts'
import { percent, type FindingRule } from './finding.ts'

/** Below this share it is what happens now and then. */
const often = 0.01

export const keepAliveRace: FindingRule = {
  id: 'keep-alive-race',
  title: 'The server closes connections that are in use',
  explain:
    'The server closed connections just as requests were sent on them, before any byte of an answer. Most likely the server never ' +
    'saw them, so they went once more, on fresh connections; their latency counts from their planned time, so it holds the detour. ' +
    'After two of them no connection is used twice. Clients that do not send again report failures. Raise how long the server keeps ' +
    'idle connections, or how many requests it takes on one; --no-resend counts such requests as failed.',
  find({ document, events }) {
    const { resent = 0, sent } = document.requests
    if (resent === 0) return undefined
    const late = events.filter((event): event is RunEvent<'client_usage'> => event.kind === 'client_usage')
    const slowest = Math.max(...late.map(({ data }) => data.slowest_opening_ms))
    return {
      severity: resent / sent > often ? 'warn' : 'info',
      title: `${resent} of ${sent} requests (${percent(resent / sent)}) met a connection that the server was closing, and went again on a fresh one`,
      advice: 'let the server keep its connections longer, or for more requests',
      evidence: { resent, sent, slowest_opening_ms: slowest },
    }
  },
}
