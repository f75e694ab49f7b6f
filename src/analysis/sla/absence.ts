// Why a metric that a rule names is null: the row of `unmeasured` about it, or what was not given that it needs.
import type { Unmeasured } from '../../run/manifest.ts'

/** Which row of `unmeasured` explains a metric that is null. */
const rowOf: Readonly<Record<string, string>> = {
  power: 'system_w',
  cpu_power: 'cpu_w',
  gpu_power: 'gpu_w',
  carbon: 'carbon_g',
  carbon_per_inference: 'carbon_g',
  cost_per_inference: 'cost',
  cost_per_million: 'cost',
  sci: 'sci',
  flops_per_s: 'flops_per_s',
  mfu: 'mfu',
}

/** Metrics that need to be told something. */
export const needed: Readonly<Record<string, 'tariff' | 'embodied'>> = {
  cost_per_inference: 'tariff',
  cost_per_million: 'tariff',
  sci: 'embodied',
}

const notGiven = {
  tariff: 'no tariff was given; --tariff 0.30EUR/kWh',
  embodied: 'no embodied emissions were given; --embodied 1200kg/4y',
} as const

export function reasonFor(metric: string, unmeasured: readonly Unmeasured[]): string | undefined {
  const what = rowOf[metric] ?? 'system_w'
  const row =
    unmeasured.find((candidate) => candidate.what === what || candidate.what === metric) ??
    // A share of a peak needs what it is a share of.
    (metric === 'mfu' ? unmeasured.find((candidate) => candidate.what === 'flops_per_s') : undefined)
  if (row) return `${row.reason}; ${row.remedy}`
  const need = needed[metric]
  return need && notGiven[need]
}
