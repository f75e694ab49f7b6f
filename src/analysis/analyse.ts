// From what was measured to the run's document: one pass of every analysis, in order. Pure: the same tables always give
// the same document.
import type { LatencySeries, RunDocument, UtilisationSection } from '../run/document.ts'
import type { Unmeasured } from '../run/manifest.ts'
import type { Measured } from '../run/ports.ts'
import { certify } from './certificate.ts'
import { analyseEnergy } from './energy/energy.ts'
import { countRequests } from './errors.ts'
import { findAll } from './findings/catalog.ts'
import { keptWindow } from './kept-window.ts'
import { latencySeries, percentileOf, type Samples } from './latency.ts'
import { Rows } from './rows.ts'
import { selfSection } from './self.ts'
import { seriesOf } from './series.ts'
import { judgeAll } from './sla.ts'
import { analyseThermal } from './thermal.ts'
import { analyseUtilisation } from './utilisation.ts'
import { coldStart, findWarmup } from './warmup.ts'

export function analyse(measured: Measured): RunDocument {
  const { manifest, events } = measured
  const rows = new Rows(measured.requests)
  const warmup = findWarmup(rows)
  const prefix = manifest.include_warmup ? 0 : warmup.prefix
  const series = seriesOf(rows, prefix)
  const kept = keptWindow(rows, prefix)
  const seconds = (kept.to - kept.from) / 1e9
  const perSecond = seconds > 0 ? kept.requests / seconds : 0
  const of = (samples: Samples): LatencySeries => latencySeries(samples, perSecond)
  const latency_ms = of(series.response)
  const service_ms = of(series.service)
  const send_delay_ms = of(series.sendDelay)
  const { macs, flops } = manifest.target.model ?? { macs: null, flops: null }
  const window = {
    from: kept.from,
    to: kept.to,
    inferences: kept.inferences,
    flopsPerInference: macs === null ? null : flops,
    rhythm: kept.longestGap,
  }
  const energy = analyseEnergy(measured, window)
  const utilisation = analyseUtilisation(measured, kept)
  const counts = countRequests(rows, events)
  const recording = manifest.recordings[0]
  const unmeasured: readonly Unmeasured[] = distinct([...manifest.unmeasured, ...energy.unmeasured])
  const source = {
    latency_ms,
    service_ms,
    queue_wait_ms: of(series.queueWait),
    requests: { ...counts, excluded_warmup: prefix },
    throughput: { requests_per_s: perSecond, inferences_per_s: seconds > 0 ? kept.inferences / seconds : 0 },
    power: energy.power,
    energy: energy.energy,
  }
  const document: Omit<RunDocument, 'findings'> = {
    ...manifest,
    duration_s: recording ? Math.max(0, recording.to - recording.from) / 1e9 : seconds,
    ...source,
    send_delay_ms,
    binding_ms: series.binding.ns.length === 0 ? null : of(series.binding),
    load_certificate: certify({ load: manifest.load, rows, events, response: latency_ms, sendDelay: send_delay_ms }),
    batches: { size_distribution: kept.sizes },
    cold_start: coldStart(events, warmup, service_ms.p50.value),
    utilisation,
    thermal: analyseThermal(measured, kept, series.service),
    sensors: energy.sensors,
    batching: null,
    operators: null,
    io: null,
    sla: judgeAll(manifest.sla, {
      source,
      percentile: (p) => percentileOf(series.response.ns, p),
      allowEstimates: manifest.allow_estimates,
      reasonFor: (metric) => reasonFor(metric, unmeasured),
    }),
    unmeasured,
    self: selfSection(events, {
      watts: energy.power.cpu_w?.value ?? undefined,
      idleWatts: energy.idle.cpu?.value ?? undefined,
      busyCores: busyCores(utilisation, manifest.host.cpus_logical),
    }),
  }
  return { ...document, findings: findAll({ document, series, events }) }
}

function busyCores(utilisation: UtilisationSection | null, cpus: number): number | undefined {
  const busy = utilisation?.host_busy?.value
  return typeof busy === 'number' ? busy * cpus : undefined
}

/** Which row of `unmeasured` explains a metric that is null. */
const rowOf: Readonly<Record<string, string>> = { power: 'system_w', cpu_power: 'cpu_w', gpu_power: 'gpu_w' }

function reasonFor(metric: string, unmeasured: readonly Unmeasured[]): string | undefined {
  const row = unmeasured.find(({ what }) => what === (rowOf[metric] ?? 'system_w') || what === metric)
  return row && `${row.reason}; ${row.remedy}`
}

/** One row a subject and reason. */
function distinct(rows: readonly Unmeasured[]): readonly Unmeasured[] {
  const seen = new Set<string>()
  return rows.filter((row) => {
    const key = `${row.what}\n${row.reason}`
    return !seen.has(key) && seen.add(key)
  })
}
