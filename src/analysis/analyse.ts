// From what was measured to the run's document: one pass of every analysis, in order. Pure: the same tables always give
// the same document.
import { withoutInterval } from '../run/figure.ts'
import type { RunDocument } from '../run/document.ts'
import type { UtilizationSection } from '../run/sections/hardware.ts'
import type { LatencySeries } from '../run/sections/latency.ts'
import type { Unmeasured } from '../run/manifest.ts'
import type { Measured } from '../run/source.ts'
import { channelSeries } from './channels/channel-series.ts'
import { certify } from './requests/certificate.ts'
import { analyseEnergy } from './energy/energy.ts'
import { loadCycleOf } from './energy/aliasing.ts'
import { countRequests } from './requests/request-counts.ts'
import { findAll } from './findings/catalog.ts'
import { impactAbsences, impactOf, type ImpactInput } from './impact/impact.ts'
import { measuredWindow } from './requests/measured-window.ts'
import { latencySeries, percentileOf, type Samples } from './requests/latency.ts'
import { liveIntensity } from './impact/live-intensity.ts'
import { loadStart } from './requests/load-start.ts'
import { reasonFor } from './sla/absence.ts'
import { analyseRoofline } from './hardware/roofline.ts'
import { Rows } from './requests/rows.ts'
import { selfSection } from './hardware/self.ts'
import { seriesOf } from './requests/series.ts'
import { judgeAll } from './sla/sla.ts'
import { analyseThermal } from './hardware/thermal.ts'
import { analyseUtilization } from './hardware/utilization.ts'
import { coldStart, findWarmup } from './requests/warmup.ts'
import { ownRecording } from '../run/recording.ts'

export function analyse(measured: Measured): RunDocument {
  const { manifest, events } = measured
  const rows = new Rows(measured.requests)
  const zero = loadStart(rows, manifest)
  const warmup = findWarmup(rows, zero)
  const prefix = manifest.include_warmup ? 0 : warmup.prefix
  const series = seriesOf(rows, prefix)
  const kept = measuredWindow(rows, prefix)
  const seconds = (kept.to - kept.from) / 1e9
  const perSecond = seconds > 0 ? kept.requests / seconds : 0
  const of = (samples: Samples): LatencySeries => latencySeries(samples, perSecond, zero)
  const latency_ms = of(series.response)
  const service_ms = of(series.service)
  const send_delay_ms = of(series.sendDelay)
  const { macs, flops } = manifest.target.model ?? { macs: null, flops: null }
  const cycle = loadCycleOf(series.response.at)
  const window = {
    from: kept.from,
    to: kept.to,
    inferences: kept.inferences,
    flopsPerInference: macs === null ? null : flops,
    rhythm: kept.longestGap,
    ...(cycle === undefined ? {} : { cycle }),
  }
  const readings = { series: channelSeries(measured), events, unmeasured: manifest.unmeasured }
  const energy = analyseEnergy(readings, window)
  const input: ImpactInput = {
    total: energy.energy.total_j ?? undefined,
    perInference: energy.energy.per_inference_j ?? undefined,
    inferences: kept.inferences,
    seconds,
    service_s: service_ms.mean.value === null ? null : service_ms.mean.value / 1e3,
    live: liveIntensity(measured, kept),
  }
  const context = manifest.energy_context ?? {}
  const inferencesPerS = seconds > 0 ? kept.inferences / seconds : 0
  const counted = analyseUtilization(measured, kept)
  const { roofline, unmeasured: noRoofline } = analyseRoofline(
    manifest,
    { inferencesPerS, inferences: kept.inferences, requestsPerS: perSecond },
    counted,
  )
  const utilization = counted || roofline.flops_per_s ? { ...(counted ?? nothingCounted), ...roofline } : null
  const counts = countRequests(rows, events)
  const recording = ownRecording(manifest)
  const unmeasured: readonly Unmeasured[] = distinct([
    ...manifest.unmeasured,
    ...energy.unmeasured,
    ...impactAbsences(input, context, manifest.unmeasured),
    ...noRoofline,
  ])
  const source = {
    latency_ms,
    service_ms,
    queue_wait_ms: of(series.queueWait),
    requests: { ...counts, excluded_warmup: prefix },
    throughput: {
      requests_per_s: withoutInterval(perSecond, kept.requests, '1/s'),
      inferences_per_s: withoutInterval(inferencesPerS, kept.requests, '1/s'),
    },
    power: energy.power,
    energy: { ...energy.energy, ...impactOf(input, context) },
    utilization,
  }
  const document: Omit<RunDocument, 'findings'> = {
    ...manifest,
    duration_s: recording ? Math.max(0, recording.to - recording.from) / 1e9 : seconds,
    ...source,
    send_delay_ms,
    binding_ms: series.binding.ns.length === 0 ? null : of(series.binding),
    seen_late_ms: series.seenLate.ns.length === 0 ? null : of(series.seenLate),
    load_certificate: certify({
      load: manifest.load,
      rows,
      events,
      response: latency_ms,
      sendDelay: send_delay_ms,
      stamped: manifest.target.client?.stamps === 'kernel',
    }),
    batches: { size_distribution: kept.sizes },
    cold_start: coldStart(events, warmup, service_ms.p50.value),
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
      busyCores: busyCores(utilization, manifest.host.cpus_logical),
    }),
  }
  return { ...document, findings: findAll({ document, series, events }) }
}

const nothingCounted: UtilizationSection = {
  cpu_cores: null,
  host_busy: null,
  steal: null,
  throttled: null,
  peak_memory_bytes: null,
}

function busyCores(utilization: UtilizationSection | null, cpus: number): number | undefined {
  const busy = utilization?.host_busy?.value
  return typeof busy === 'number' ? busy * cpus : undefined
}

/** One row a subject and reason. */
function distinct(rows: readonly Unmeasured[]): readonly Unmeasured[] {
  const seen = new Set<string>()
  return rows.filter((row) => {
    const key = `${row.what}\n${row.reason}`
    return !seen.has(key) && seen.add(key)
  })
}
