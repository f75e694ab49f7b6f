import { expect, test } from 'vitest'
import type { RunDocument } from '../../run/document.ts'
import type { FindingInput } from './finding.ts'
import { keepAliveRace } from './keep-alive-race.ts'

const find = (sent: number, resent?: number) =>
  keepAliveRace.find({
    document: { requests: { sent, ...(resent === undefined ? {} : { resent }) } } as RunDocument,
    events: [{ recording: 0, t: 0, kind: 'client_usage', data: { slowest_opening_ms: 0.4, resent } }],
  } as unknown as FindingInput)

test('requests that were sent again are told with their share', () => {
  expect(find(1000, 2)).toMatchObject({
    severity: 'info',
    title: '2 of 1000 requests (0.2 %) met a connection that the server was closing, and went again on a fresh one',
    evidence: { resent: 2, sent: 1000, slowest_opening_ms: 0.4 },
  })
  expect(find(100, 2)).toMatchObject({ severity: 'warn' })
})

test('without one there is nothing to tell', () => {
  expect(find(1000, 0)).toBeUndefined()
  expect(find(1000)).toBeUndefined()
})
