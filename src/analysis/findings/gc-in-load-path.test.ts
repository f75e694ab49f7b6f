import { expect, test } from 'vitest'
import type { RunDocument } from '../../run/document.ts'
import type { FindingInput } from './finding.ts'
import { gcInLoadPath } from './gc-in-load-path.ts'

/** A thousand requests of 1 ms, one after another; the last `slow` take 5 ms, and a collection of `pauseMs` ends in each. */
function find(pauseMs: number, target: object, slow = 10) {
  const ns = Float64Array.from({ length: 1000 }, (_, i) => (i < 1000 - slow ? 1e6 : 5e6))
  let time = 0
  const at = ns.map((taken) => (time += taken))
  const events = [...at.subarray(1000 - slow)].map((t) => ({ kind: 'gc', t: t - 1e6, data: { duration_ms: pauseMs } }))
  const document = { latency_ms: { p99: { value: 2 } }, target } as unknown as RunDocument
  return gcInLoadPath.find({ document, series: { response: { ns, at } }, events } as unknown as FindingInput)
}

test('collections that the slow requests waited for are told', () => {
  expect(find(3, {})).toMatchObject({
    severity: 'warn',
    title: 'garbage collection lies in 100 % of the requests above p99',
    advice: 'reuse tensors and buffers between requests',
    evidence: { requests_above_p99: 10, met: 10, paused_ms: 30, collections: 10 },
  })
})

test('those of the load client are not the doing of the server or its user', () => {
  expect(find(3, { client: { stamps: 'kernel' } })).toMatchObject({
    title: 'garbage collection of the load client lies in 100 % of the requests above p99',
    advice: 'this is tailwatt, not the server: leave a core to the load',
  })
})

test('a pause that is a small part of its request, or a tail of a few, is no reason', () => {
  expect(find(0.5, {})).toBeUndefined()
  expect(find(3, {}, 4)).toBeUndefined()
})
