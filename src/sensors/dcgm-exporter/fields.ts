// DCGM's fields and the channels they become. DCGM 4.6 renamed many; exporters write either name (dcgm_fields.h of DCGM
// 4.6.0, where the old names are aliases). `GPU_UTIL_RATIO` is a percentage in spite of its new name.
import type { ChannelRole } from '../../run/channel-role.ts'
import { gpuShape, type Shape } from '../gpu-shapes.ts'

export interface Field {
  /** In order of preference, without `DCGM_FI_`. */
  readonly names: readonly string[]
  /** Of the channel's id: `dcgm/<uuid>/<what>`. */
  readonly what: string
  /** From DCGM's unit to the channel's. */
  readonly factor: number
  readonly shape: Shape
}

const gpu = 'gpu' as const
/** Over the exporter's interval of collecting. */
const share = { quantity: 'utilization', unit: 'ratio', kind: 'average', scope: gpu } as const
const rate = { quantity: 'bandwidth', unit: 'B/s', kind: 'average', scope: gpu } as const
const time: Shape = { quantity: 'time', unit: 's', kind: 'counter', scope: gpu }

const field = (what: string, factor: number, shape: Shape, ...names: readonly string[]): Field => ({
  names,
  what,
  factor,
  shape,
})

/** More precise than what NVML samples. */
const rank = 1

const profiled = (
  role: ChannelRole,
  factor: number,
  shape: typeof share | typeof rate,
  ...names: readonly string[]
): Field => field(role, factor, { ...shape, role, rank }, ...names)

export const fields: readonly Field[] = [
  field('energy', 1e-3, gpuShape('energy'), 'DEV_TOTAL_ENERGY_CONSUMPTION'),
  field('power', 1, gpuShape('power'), 'DEV_POWER_USAGE_INSTANT', 'DEV_BOARD_POWER_RAW_WATTS'),
  // NVML's power usage is an average of about 1 s on Ampere and later; it stands in where there is no instant power.
  field('power', 1, { ...gpuShape('power-average'), window_ms: 1000 }, 'DEV_POWER_USAGE', 'DEV_BOARD_POWER_WATTS'),
  field('temperature', 1, gpuShape('temperature'), 'DEV_GPU_TEMP', 'DEV_GPU_TEMP_CELSIUS'),
  field(
    'temperature-memory',
    1,
    { ...gpuShape('temperature-memory'), scope: 'gpu-memory' },
    'DEV_MEMORY_TEMP',
    'DEV_MEMORY_TEMP_CELSIUS',
  ),
  field('clock-sm', 1, gpuShape('clock-sm'), 'DEV_SM_CLOCK'),
  field('clock-memory', 1, gpuShape('clock-memory'), 'DEV_MEM_CLOCK'),
  profiled('utilization', 0.01, share, 'DEV_GPU_UTIL', 'DEV_GPU_UTIL_RATIO'),
  profiled('sm-utilization', 1, share, 'PROF_SM_ACTIVE', 'PROF_SM_UTIL_RATIO'),
  profiled('sm-occupancy', 1, share, 'PROF_SM_OCCUPANCY', 'PROF_SM_OCCUPANCY_RATIO'),
  profiled('tensor', 1, share, 'PROF_PIPE_TENSOR_ACTIVE', 'PROF_TENSOR_UTIL_RATIO'),
  profiled('dram-utilization', 1, share, 'PROF_DRAM_ACTIVE', 'PROF_DRAM_UTIL_RATIO'),
  profiled('fp64', 1, share, 'PROF_PIPE_FP64_ACTIVE', 'PROF_FP64_UTIL_RATIO'),
  profiled('fp32', 1, share, 'PROF_PIPE_FP32_ACTIVE', 'PROF_FP32_UTIL_RATIO'),
  profiled('fp16', 1, share, 'PROF_PIPE_FP16_ACTIVE', 'PROF_FP16_UTIL_RATIO'),
  profiled('pcie-tx-rate', 1, rate, 'PROF_PCIE_TX_BYTES'),
  profiled('pcie-rx-rate', 1, rate, 'PROF_PCIE_RX_BYTES'),
  profiled('nvlink-tx-rate', 1, rate, 'PROF_NVLINK_TX_BYTES'),
  profiled('nvlink-rx-rate', 1, rate, 'PROF_NVLINK_RX_BYTES'),
  // Nanoseconds, as NVML counts violations; the help text of older counter lists says microseconds.
  field('throttle-power', 1e-9, { ...time, throttle: [{ reason: 'power' }] }, 'DEV_POWER_VIOLATION'),
  field('throttle-thermal', 1e-9, { ...time, throttle: [{ reason: 'thermal' }] }, 'DEV_THERMAL_VIOLATION'),
]

/**
 * DCGM marks what it does not know with huge numbers: 2⁴⁷ for floating point, 0x7ffffffffffffff0 and up for integers
 * (dcgm_structs.h). No energy in mJ and no rate in B/s of one GPU comes near.
 */
export const isBlank = (value: number): boolean => !Number.isFinite(value) || value < 0 || value >= 2 ** 47
