// What the load client can do on this host, for `tailwatt doctor --load`.
import { printableData } from '../base/printable.ts'
import { formatNumber, type ClientCheck } from '../index.ts'
import { ms } from './figures.ts'
import { wrap, type Style } from './style.ts'

export function clientTable(check: ClientCheck, s: Style): string {
  const { client, closed, open } = printableData(check)
  const tail = ({ p50, p99 }: ClientCheck['open']['response_ms']): string => `p50 ${ms(p50)}, p99 ${ms(p99)}`
  const perCpu = closed.requests_per_cpu_s
  const rows: readonly (readonly [string, string])[] = [
    [
      'time kept by',
      client.stamps === 'kernel'
        ? 'the kernel: an answer is done when it had the last byte'
        : `us, when we see an answer: ${client.reason ?? 'the kernel does not say'}`,
    ],
    [
      'at most',
      `${formatNumber(closed.requests_per_s)} requests/s with ${closed.concurrency} outstanding${perCpu === null ? '' : `, ${formatNumber(perCpu)} a second of CPU time`}`,
    ],
    [
      `at ${formatNumber(open.rate_per_s)}/s`,
      [
        `sent late by ${tail(open.send_delay_ms)}`,
        open.seen_late_ms ? `seen late by ${tail(open.seen_late_ms)}, part of no latency` : '',
      ]
        .filter(Boolean)
        .join(' · '),
    ],
    ['ours at most', `${tail(open.response_ms)} of a response time: that of a server that does nothing`],
  ]
  const lines = rows.flatMap(([name, text]) => wrap(text, s.width, `  ${name.padEnd(14)}`, ' '.repeat(16)))
  return `${[s.bold('The load client on this host'), ...lines].join('\n')}\n`
}
