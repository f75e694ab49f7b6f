// The one zero of times: what happened before the load, and how long it took, changes no figure and no drawing.
import { describe, expect, test } from 'vitest'
import { render } from '../../base/html.ts'
import { histogramChart } from '../../charts/histogram-chart.ts'
import { heatChart } from '../../charts/heat-chart.ts'
import { powerStackChart } from '../../charts/power-stack-chart.ts'
import { timeline } from '../../charts/timeline.ts'
import { demoRun } from '../../demo/demo-run.ts'
import type { Measured } from '../../run/source.ts'
import { noRows, allocateRequests, phaseCode, type RequestChunk } from '../../run/table.ts'
import { analyse } from '../analyse.ts'
import { powerStack } from '../energy/power-stack.ts'
import { measuredStart, loadStart } from './load-start.ts'
import { Rows } from './rows.ts'
import { thermalSeries } from '../hardware/thermal-series.ts'

const { measured } = demoRun('h100', { name: 'tailwatt', version: '0.0.0', node: 'v0' })!

/** The same run, everything of it `ns` later. */
function later({ manifest, requests, batches, samples, events }: Measured, ns: number): Measured {
  const times = ['scheduled', 'ready', 'started', 'first', 'done'] as const
  return {
    manifest: {
      ...manifest,
      recordings: manifest.recordings.map((each) => ({ ...each, from: each.from + ns, to: each.to + ns })),
    },
    requests: requests.map((chunk) => ({
      ...chunk,
      ...Object.fromEntries(times.map((time) => [time, chunk[time].map((t) => t + ns)])),
    })),
    batches,
    samples: samples.map((chunk) => ({ ...chunk, t: chunk.t.map((t) => t + ns) })),
    events: events.map((event) => ({ ...event, t: event.t + ns })),
  }
}

describe('a load that begins 75 s later', () => {
  // A power of two in ns keeps float64 times exact.
  const shifted = later(measured, 2 ** 36)
  const before = analyse(measured)
  const after = analyse(shifted)

  test('has the same times in every figure', () => {
    expect(before.latency_ms.max!.at_s).toBeLessThan(before.duration_s)
    expect(after.latency_ms.max!.at_s).toBeCloseTo(before.latency_ms.max!.at_s, 6)
    expect(after.service_ms.max!.at_s).toBeCloseTo(before.service_ms.max!.at_s, 6)
    expect(after.cold_start.segments.map(({ from_s }) => from_s.toFixed(6))).toEqual(
      before.cold_start.segments.map(({ from_s }) => from_s.toFixed(6)),
    )
    expect(before.cold_start.segments[0]!.from_s).toBeGreaterThanOrEqual(0)
  })

  test('gives the same drawings', () => {
    const drawn = (run: Measured, document: typeof before): readonly string[] => [
      render(timeline(run.requests, document)!.svg),
      render(histogramChart(document.latency_ms)!.svg),
      render(heatChart(thermalSeries(run, document)!, document.thermal!, document.host.gpus).svg),
    ]
    expect(drawn(shifted, after)).toEqual(drawn(measured, before))
    const stack = powerStackChart(powerStack(measured, before)!, before.host.gpus)
    expect(powerStackChart(powerStack(shifted, after)!, after.host.gpus).description).toBe(stack.description)
  })
})

describe('the zero', () => {
  /** Requests of 1 ms, one each 10 ms from 3 s on. */
  function rows(count: number, warmup: number): RequestChunk {
    const chunk = allocateRequests(count)
    for (let i = 0; i < count; i++) {
      chunk.id[i] = i
      chunk.batch[i] = 1
      chunk.phase[i] = phaseCode('load')
      chunk.scheduled[i] = chunk.ready[i] = 3e9 + i * 10e6
      chunk.started[i] = chunk.scheduled[i]! + 1e6
      chunk.done[i] = chunk.started[i]! + (i < warmup ? 9e6 : 1e6)
      chunk.first[i] = chunk.engine[i] = Number.NaN
    }
    return chunk
  }
  const run = (chunk: RequestChunk): Measured => ({
    manifest: { ...measured.manifest, include_warmup: false, channels: [], sla: [] },
    ...noRows(),
    requests: [chunk],
    events: [],
  })

  test('is when the first request was planned, a failed one too', () => {
    const chunk = rows(1000, 0)
    chunk.status[0] = 1
    chunk.done[500] = chunk.started[500]! + 8e6
    const document = analyse(run(chunk))
    expect(document.latency_ms.max!.at_s).toBeCloseTo(5.009, 9)
  })

  test('without a request is that of the recording', () => {
    expect(loadStart(new Rows([]), measured.manifest)).toBe(measured.manifest.recordings[0]!.from)
    expect(measuredStart(new Rows([rows(3, 0)]), 3)).toBeUndefined()
  })

  test('the part that is shaded as warm-up is the part that was cut', () => {
    const chunk = rows(2000, 200)
    const document = analyse(run(chunk))
    const { excluded_warmup } = document.requests
    expect(excluded_warmup).toBeGreaterThan(150)
    const cutS = (chunk.scheduled[excluded_warmup]! - chunk.scheduled[0]!) / 1e9
    expect(document.cold_start.steady_after!.s).toBeCloseTo(cutS, 9)
    // Also where no steady state follows the prefix that is cut.
    const slower = { ...document, cold_start: { ...document.cold_start, steady_after: null, segments: [] } }
    const shade = (of: typeof document): string | undefined =>
      /<rect [^>]*class="?cut/.exec(render(timeline([chunk], of)!.svg))?.[0]
    expect(shade(document)).toBeDefined()
    expect(shade(slower)).toBe(shade(document))
    const [, x, width] = /x="?([\d.]+).*?width="?([\d.]+)/.exec(shade(document)!)!
    const axis = { left: Number(x), perS: Number(width) / cutS }
    const dots = [...render(timeline([chunk], document)!.svg).matchAll(/<circle [^>]*cx="?([\d.]+)/g)]
    // 20 s less half a window at the last dot.
    const last = (Number(dots.at(-1)![1]) - axis.left) / axis.perS
    expect(last).toBeCloseTo(19.99 * (1 - 1 / 240), 1)
  })
})
