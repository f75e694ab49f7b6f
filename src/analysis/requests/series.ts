// The four series of a run, never mixed: response time, queue wait, send delay, service time; plus what the
// binding adds around the engine's own call. Only successful requests of the load after the cut prefix count.
import { phaseCode } from '../../run/table.ts'
import type { Samples } from './latency.ts'
import type { Rows } from './rows.ts'

export interface FourSeries {
  readonly response: Samples
  readonly service: Samples
  readonly queueWait: Samples
  readonly sendDelay: Samples
  /** Our clock around the call less the engine's own; empty where the engine gives none. */
  readonly binding: Samples
}

/** @param prefix requests of the load, in send order, to leave out */
export function seriesOf(rows: Rows, prefix: number): FourSeries {
  const kept = new Uint8Array(rows.length)
  let count = 0
  let bound = 0
  let seen = 0
  const load = phaseCode('load')
  rows.each((chunk, row, index) => {
    if (chunk.phase[row] !== load || seen++ < prefix || chunk.status[row] !== 0) return
    kept[index] = 1
    count++
    if (!Number.isNaN(chunk.engine[row]!)) bound++
  })
  const at = new Float64Array(count)
  const request = new Float64Array(count)
  const stream = new Uint16Array(count)
  const shared = (ns: Float64Array): Samples => ({ ns, at, request, stream })
  const response = new Float64Array(count)
  const service = new Float64Array(count)
  const queueWait = new Float64Array(count)
  const sendDelay = new Float64Array(count)
  const binding: Samples = {
    ns: new Float64Array(bound),
    at: new Float64Array(bound),
    request: new Float64Array(bound),
    stream: new Uint16Array(bound),
  }
  let i = 0
  let b = 0
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
    if (!Number.isNaN(engine)) {
      binding.ns[b] = done - started - engine
      binding.at[b] = done
      binding.request[b] = chunk.id[row]!
      binding.stream[b] = chunk.instance[row]!
      b++
    }
    i++
  })
  return {
    response: shared(response),
    service: shared(service),
    queueWait: shared(queueWait),
    sendDelay: shared(sendDelay),
    binding,
  }
}
