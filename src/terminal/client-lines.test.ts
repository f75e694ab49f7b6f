import { expect, test } from 'vitest'
import type { ClientCheck } from '../index.ts'
import { clientTable } from './client-lines.ts'
import { style } from './style.ts'

const check = (client: ClientCheck['client'], late: boolean): ClientCheck => ({
  client,
  closed: { concurrency: 64, requests_per_s: 71_000, requests_per_cpu_s: 80_000 },
  open: {
    rate_per_s: 1000,
    send_delay_ms: { p50: 0.03, p99: 0.2 },
    seen_late_ms: late ? { p50: 0.04, p99: 0.3 } : null,
    response_ms: { p50: 0.1, p99: 0.4 },
  },
})
const lines = (given: ClientCheck): string => clientTable(given, style(false, 80))

test('what the client can do is told with who keeps the time', () => {
  const text = lines(check({ stamps: 'kernel' }, true))
  expect(text).toContain('the kernel: an answer is done when it had the last byte')
  const plain = text.replaceAll(/\s+/g, ' ')
  expect(plain).toContain('71 000 requests/s with 64 outstanding, 80 000 a second of CPU time')
  expect(plain).toContain('seen late by p50 40.0 µs, p99 300 µs, part of no latency')
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

test('where we keep it, the reason stands there', () => {
  const text = lines(check({ stamps: 'user', reason: 'TLS is spoken through Node' }, false))
  expect(text).toContain('us, when we see an answer: TLS is spoken through Node')
  expect(text).not.toContain('seen late')
})
