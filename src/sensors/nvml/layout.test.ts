// Our offsets and numbers against those of NVIDIA's own Python binding (`tools/nvml-structures.py` wrote the fixture).
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { gpmMetrics } from './gpm.ts'
import {
  fields,
  fieldValue,
  utilization,
  memory,
  memoryOld,
  processInfo,
  processSample,
  gpmSupport,
  gpmMetric,
  gpmMetricsGet,
} from './layout.ts'

const theirs = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/nvml/nvidia-ml-py.json', import.meta.url), 'utf8'),
) as {
  structures: Record<string, { size: number; offsets: Record<string, number> }>
  fields: Record<string, number>
  metrics: Record<string, number>
}

const layouts: Record<string, Readonly<Record<string, number>>> = {
  fieldValue,
  utilization,
  memory,
  memoryOld,
  processInfo,
  processSample,
  gpmSupport,
  gpmMetric,
  gpmMetricsGet,
}

// Where our name differs from nvml.h's, or lies in a nested structure.
const renamed: Record<string, string> = { latency: 'latencyUsec', status: 'nvmlReturn', shortName: 'metricInfo' }

test.each(Object.keys(layouts))('%s lies as in nvidia-ml-py', (name) => {
  const ours = layouts[name]!
  const { size, offsets } = theirs.structures[name]!
  if ('size' in ours) expect(ours['size']).toBe(size)
  for (const [field, offset] of Object.entries(ours)) {
    if (['size', 'versionTag', 'longName', 'unit'].includes(field)) continue
    expect(offsets[renamed[field] ?? field], field).toBe(offset)
  }
})

test('fields have the numbers of nvidia-ml-py', () => {
  const field = (name: string): number | undefined => theirs.fields[`NVML_FI_DEV_${name}`]
  expect(fields).toEqual({
    performancePower: field('PERF_POLICY_POWER'),
    performanceThermal: field('PERF_POLICY_THERMAL'),
    performanceBoard: field('PERF_POLICY_BOARD_LIMIT'),
    memoryTemperature: field('MEMORY_TEMP'),
    totalEnergy: field('TOTAL_ENERGY_CONSUMPTION'),
    powerAverage: field('POWER_AVERAGE'),
    powerInstant: field('POWER_INSTANT'),
    pcieSent: field('PCIE_COUNT_TX_BYTES'),
    pcieReceived: field('PCIE_COUNT_RX_BYTES'),
    softwareThermal: field('CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN'),
    hardwareThermal: field('CLOCKS_EVENT_REASON_HW_THERM_SLOWDOWN'),
    powerBrake: field('CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN'),
  })
})

test('GPM metrics have the numbers of nvidia-ml-py', () => {
  const numbers = new Set(Object.values(theirs.metrics))
  for (const [name, id] of gpmMetrics) expect(numbers.has(id), name).toBe(true)
  const ours = new Map<string, number>(gpmMetrics)
  expect(ours.get('tensor')).toBe(theirs.metrics['NVML_GPM_METRIC_ANY_TENSOR_UTIL'])
  expect(ours.get('dram-utilization')).toBe(theirs.metrics['NVML_GPM_METRIC_DRAM_BW_UTIL'])
  expect(ours.get('nvlink-rx-rate')).toBe(theirs.metrics['NVML_GPM_METRIC_NVLINK_TOTAL_RX_PER_SEC'])
  expect(ours.get('pcie-tx-rate')).toBe(theirs.metrics['NVML_GPM_METRIC_PCIE_TX_PER_SEC'])
})
