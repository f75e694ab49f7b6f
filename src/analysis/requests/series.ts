// The series of a run, never mixed: response time, queue wait, send delay, service time; plus what the binding adds around
// the engine's own call, and how much later than the kernel we had an answer. Only successful requests of the load after the cut prefix count.
import { phaseCode, stampCode, type RequestChunk } from '../../run/table.ts'
import type { Samples } from './latency.ts'
import type { Rows } from './rows.ts'

const byKernel = stampCode('kernel')

export interface RunSeries {
  readonly response: Samples
  readonly service: Samples
  readonly queueWait: Samples
  readonly sendDelay: Samples
  /** Our clock around the call less the engine's own; empty where the engine gives none. */
  readonly binding: Samples
  /** When we had an answer less when the kernel had it; empty where the kernel does not say. */
  readonly seenLate: Samples
}

/** @param prefix requests of the load, in send order, to leave out */
export function seriesOf(rows: Rows, prefix: number): RunSeries {
  const kept = new Uint8Array(rows.length)
  let count = 0
  let bound = 0
  let stamped = 0
  let seen = 0
  const load = phaseCode('load')
  rows.each((chunk, row, index) => {
    if (chunk.phase[row] !== load || seen++ < prefix || chunk.status[row] !== 0) return
    kept[index] = 1
    count++
    if (!Number.isNaN(chunk.engine[row]!)) bound++
    if (chunk.stamp[row] === byKernel) stamped++
  })
  const at = new Float64Array(count)
  const request = new Float64Array(count)
  const stream = new Uint16Array(count)
  const shared = (ns: Float64Array): Samples => ({ ns, at, request, stream })
  const response = new Float64Array(count)
  const service = new Float64Array(count)
  const queueWait = new Float64Array(count)
  const sendDelay = new Float64Array(count)
  const binding = new Part(bound)
  const seenLate = new Part(stamped)
  let i = 0
  rows.each((chunk, row, index) => {
    if (kept[index] === 0) return
    const scheduled = chunk.scheduled[row]!
    const ready = chunk.ready[row]!
    const started = chunk.started[row]!
    const done = chunk.done[row]!
    at[i] = done
    request[i] = chunk.id[row]!
    stream[i] = chunk.instance[row]!
    response[i] = done - scheduled
    service[i] = done - started
    queueWait[i] = ready - scheduled
    sendDelay[i] = started - ready
    const engine = chunk.engine[row]!
    if (!Number.isNaN(engine)) binding.add(done - started - engine, done, chunk, row)
    if (chunk.stamp[row] === byKernel) seenLate.add(chunk.seen[row]! - done, done, chunk, row)
    i++
  })
  return {
    response: shared(response),
    service: shared(service),
    queueWait: shared(queueWait),
    sendDelay: shared(sendDelay),
    binding,
    seenLate,
  }
}

/** A series that some of the requests have no part in. */
class Part implements Samples {
  readonly ns: Float64Array
  readonly at: Float64Array
  readonly request: Float64Array
  readonly stream: Uint16Array
  #filled = 0

  constructor(count: number) {
    this.ns = new Float64Array(count)
    this.at = new Float64Array(count)
    this.request = new Float64Array(count)
    this.stream = new Uint16Array(count)
  }

  add(ns: number, at: number, chunk: RequestChunk, row: number): void {
    const i = this.#filled++
    this.ns[i] = ns
    this.at[i] = at
    this.request[i] = chunk.id[row]!
    this.stream[i] = chunk.instance[row]!
  }
}
