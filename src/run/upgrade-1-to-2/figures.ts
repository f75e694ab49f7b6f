// Format 2: rates and moments were bare numbers, and are figures. They have no intervals, as they had none.
import { changed, type Json } from './json.ts'

const series = ['latency_ms', 'service_ms', 'queue_wait_ms', 'send_delay_ms', 'binding_ms']
const moments = ['mean', 'stddev', 'jitter', 'spread']
const rates = ['requests_per_s', 'inferences_per_s']

export function upgradeFigures(document: Json): Json {
  const withRates = changed(document, 'throughput', (throughput) =>
    asFigures(throughput, rates, (document['latency_ms'] as Json | undefined)?.['count'], '1/s'),
  )
  return series.reduce(
    (upgraded, key) => changed(upgraded, key, (each) => asFigures(each, moments, each['count'], 'ms')),
    withRates,
  )
}

/** Both rest on the requests that count, which is the `count` of every series but that of the binding. */
function asFigures(object: Json, keys: readonly string[], n: unknown, unit: string): Json {
  const figures = keys
    .filter((key) => object[key] === null || typeof object[key] === 'number')
    .map((key) => [key, { value: object[key], low: null, high: null, n, unit }] as const)
  return { ...object, ...Object.fromEntries(figures) }
}
