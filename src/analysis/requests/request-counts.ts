// What failed, by code, the most frequent first, with one message each.
import { statusNames } from '../../run/table.ts'
import type { RunEvent } from '../../run/event.ts'
import type { RunDocument } from '../../run/document.ts'
import type { Rows } from './rows.ts'

export const statusText = (status: number): string =>
  status >= 100 ? `HTTP ${status}` : (statusNames[status] ?? `status ${status}`)

export interface RequestCounts {
  readonly sent: number
  readonly ok: number
  readonly failed: number
  /** Left out where no client counts them. */
  readonly resent?: number
  readonly errors: RunDocument['requests']['errors']
}

export function countRequests(rows: Rows, events: readonly RunEvent[]): RequestCounts {
  const byStatus = new Map<number, number>()
  rows.each((chunk, row) => {
    const status = chunk.status[row]!
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1)
  })
  const ok = byStatus.get(0) ?? 0
  const messages = new Map<string, string>()
  let resent: number | undefined
  for (const event of events) {
    if (event.kind === 'client_usage') resent = (resent ?? 0) + (event as RunEvent<'client_usage'>).data.resent
    if (event.kind !== 'error') continue
    const { code, message } = (event as RunEvent<'error'>).data
    if (message && !messages.has(code)) messages.set(code, message)
  }
  const errors = [...byStatus]
    .filter(([status]) => status !== 0)
    .sort((a, b) => b[1] - a[1])
    .map(([status, count]) => {
      const code = statusText(status)
      const message = messages.get(code)
      return { code, count, ...(message === undefined ? {} : { message }) }
    })
  return { sent: rows.length, ok, failed: rows.length - ok, ...(resent === undefined ? {} : { resent }), errors }
}
