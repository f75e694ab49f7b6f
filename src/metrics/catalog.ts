// Every metric a rule can name and `explain` can tell about.
import type { Metric } from './metric.ts'
import { carbon } from './carbon.ts'
import { carbonPerInference } from './carbon-per-inference.ts'
import { costPerInference } from './cost-per-inference.ts'
import { costPerMillion } from './cost-per-million.ts'
import { cpuPower } from './cpu-power.ts'
import { edp } from './edp.ts'
import { energyPerInference } from './energy-per-inference.ts'
import { errorRate } from './error-rate.ts'
import { flopsPerS } from './flops-per-s.ts'
import { gpuPower } from './gpu-power.ts'
import { inferencesPerWatt } from './inferences-per-watt.ts'
import { jitter } from './jitter.ts'
import { max } from './max.ts'
import { mean } from './mean.ts'
import { mfu } from './mfu.ts'
import { min } from './min.ts'
import { power } from './power.ts'
import { sci } from './sci.ts'
import { spread } from './spread.ts'
import { stddev } from './stddev.ts'
import { throughput } from './throughput.ts'
import { percentiles } from './percentile.ts'

export const metricCatalog: readonly Metric[] = [
  ...percentiles,
  max,
  min,
  mean,
  stddev,
  jitter,
  spread,
  throughput,
  errorRate,
  power,
  cpuPower,
  gpuPower,
  energyPerInference,
  inferencesPerWatt,
  carbon,
  carbonPerInference,
  sci,
  costPerInference,
  costPerMillion,
  edp,
  flopsPerS,
  mfu,
]

export const findMetric = (id: string): Metric | undefined =>
  metricCatalog.find((metric) => metric.id === id || metric.id.replace('.', '_') === id)
