// Every metric a rule can name and `explain` can tell about.
import type { Metric } from './metric.ts'
import { computeMetrics } from './compute.ts'
import { energyMetrics } from './energy.ts'
import { latencyMetrics } from './latency.ts'
import { trafficMetrics } from './traffic.ts'

export const metricCatalog: readonly Metric[] = [
  ...latencyMetrics,
  ...trafficMetrics,
  ...energyMetrics,
  ...computeMetrics,
]

export const findMetric = (id: string): Metric | undefined =>
  metricCatalog.find((metric) => metric.id === id || metric.id.replace('.', '_') === id)
