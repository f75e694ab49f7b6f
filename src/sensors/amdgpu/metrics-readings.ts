// What is taken from `gpu_metrics`, and in which units: only what the kernel's header says of that revision. Of 1.0 to 1.3
// it says none; temperatures, shares and watts of those are what AMD's own library (rocm_smi.h) takes them for, the energy
// unit of RDNA is not told anywhere and is not read. Of 2.0 to 2.3 units differ between firmwares.
import { rise } from '../unwrapped-counter.ts'
import type { CardReading } from '../drm/card-sensor.ts'
import { throttleBits, throttleShape } from '../drm/throttle.ts'
import { type GpuReading, gpuShape } from '../gpu-shapes.ts'
import type { Metrics } from './gpu-metrics.ts'

/** J: 2^-16, "15.259 µJ" in the header from 1.4 on. */
const energyUnit = 2 ** -16
/** Of a residency counter. */
const residency = { period: 2 ** 32 }

/** `undefined` while there is none this time. */
export type LatestMetrics = () => Metrics | undefined

/** Revisions of server cards. */
const servers = /^1\.[4-9]$/

/** Revisions 2 and 3 are those of processors with graphics. */
export const isApuTable = (revision: string): boolean => /^[23]\./.test(revision)

type Row = readonly [
  reading: GpuReading,
  field: string,
  scale?: number,
  combine?: (values: readonly number[]) => number | undefined,
]

const first = (values: readonly number[]): number | undefined => values[0]
const largest = (values: readonly number[]): number => Math.max(...values)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const rows: readonly (readonly [revision: RegExp, ...readings: Row[]])[] = [
  [
    /^1\./,
    ['temperature', 'temperature_edge'],
    ['temperature-junction', 'temperature_hotspot'],
    ['temperature-memory', 'temperature_mem'],
    ['utilization', 'average_gfx_activity', 0.01],
    ['utilization-memory', 'average_umc_activity', 0.01],
    // Of several dies the fastest.
    ['clock-gfx', 'current_gfxclk', 1, largest],
    ['clock-memory', 'current_uclk'],
  ],
  [/^1\.[0-3]$/, ['power-average', 'average_socket_power']],
  [
    servers,
    ['energy', 'energy_accumulator', energyUnit],
    ['power', 'curr_socket_power'],
    // Links that are not there are all ones, and left out.
    ['xgmi-read', 'xgmi_read_data_acc', 1000, sum],
    ['xgmi-write', 'xgmi_write_data_acc', 1000, sum],
  ],
  [/^1\.[789]$/, ['pcie-rate', 'pcie_bandwidth_inst', 1e9]],
  [
    /^2\.4$/,
    ['utilization', 'average_gfx_activity', 1e-4],
    ['temperature', 'temperature_gfx', 0.01],
    ['clock-gfx', 'current_gfxclk'],
    ['power-gfx', 'average_gfx_power', 1e-3],
  ],
  [
    /^3\.0$/,
    ['utilization', 'average_gfx_activity', 0.01],
    ['utilization-npu', 'average_ipu_activity', 0.01, largest],
    ['dram-read-rate', 'average_dram_reads', 1e6],
    ['dram-write-rate', 'average_dram_writes', 1e6],
    ['power-gfx', 'average_gfx_power', 1e-3],
  ],
]

/**
 * Readings of one revision. Of what hwmon gives as well the caller takes the one of that name from there: the watts of both
 * are one number of the firmware, rounded here, so that neither could check the other.
 * @param at when the latest were read, ns; NaN at opening
 */
export function metricsReadings(revision: string, latest: LatestMetrics, at: () => number): readonly CardReading[] {
  const readings = rows
    .filter(([pattern]) => pattern.test(revision))
    .flatMap(([, ...own]) => own)
    .map(([name, field, scale = 1, combine = first]): CardReading => ({
      name,
      shape: gpuShape(name),
      read: () => {
        const values = latest()?.all(field) ?? []
        return values.length === 0 ? undefined : combine(values.map((value) => value * scale))
      },
    }))
  const throttle = /^1\.[6-9]$/.test(revision)
    ? residencies(latest, at)
    : [{ name: 'throttle', shape: throttleShape, read: maskOf(latest) }]
  return isApuTable(revision) ? [...throttle, ...readings] : [...readings, ...throttle]
}

/** Counters of firmware samples in which a limit was in force, over all samples: shares of the time that went by. */
const limits = [
  ['power', 'ppt_residency_acc'],
  ['prochot', 'prochot_residency_acc'],
  ['thermal', 'socket_thm_residency_acc'],
  ['vr-thermal', 'vr_thm_residency_acc'],
  ['memory-thermal', 'hbm_thm_residency_acc'],
] as const

function residencies(latest: LatestMetrics, at: () => number): readonly CardReading[] {
  return limits.map(([reason, field]) => {
    let last: { readonly held: number; readonly samples: number; readonly at: number } | undefined
    let seconds = 0
    return {
      name: `throttle-${reason}`,
      shape: { quantity: 'time', unit: 's', kind: 'counter', scope: 'gpu', throttle: [{ reason }] },
      restart: () => void (last = undefined),
      read: () => {
        const metrics = latest()
        const held = metrics?.get(field)
        const samples = metrics?.get('accumulation_counter')
        if (held === undefined || samples === undefined) return undefined
        const now = at()
        if (last === undefined || Number.isNaN(last.at)) last = { held, samples, at: now }
        const taken = rise(last.samples, samples, residency)
        // The firmware has not sampled since: the time is accounted for when it has.
        if (taken === 0) return seconds
        const share = (rise(last.held, held, residency) ?? Number.NaN) / (taken ?? Number.NaN)
        // No share, or one above one, is that of counters that began anew.
        if (share <= 1) seconds += (share * (now - last.at)) / 1e9
        last = { held, samples, at: now }
        return seconds
      },
    }
  })
}

/**
 * First and last bit of `indep_throttle_status`, which is the same for all devices (amdgpu_smu.h, SMU_THROTTLER_*): package
 * power (PPT, SPL, FPPT, SPPT, APCC), currents (TDC, EDC), temperatures and VRHOT, PROCHOT, PPM and FIT.
 */
const independent: readonly (readonly [from: number, to: number, reason: number])[] = [
  [0, 7, throttleBits['power-cap']],
  [16, 22, throttleBits.current],
  [23, 23, throttleBits['power-cap']],
  [32, 45, throttleBits.thermal],
  [46, 47, throttleBits.prochot],
  [56, 57, throttleBits.other],
]
/** `throttle_status` of 1.4 and 1.5, which only SMU 13.0.6 writes (smu_v13_0_6_pmfw.h, THROTTLER_*). */
const server: typeof independent = [
  [0, 0, throttleBits.prochot],
  [1, 1, throttleBits['power-cap']],
  [2, 4, throttleBits.thermal],
]

function maskOf(latest: LatestMetrics): CardReading['read'] {
  return () => {
    const metrics = latest()
    const bits = metrics?.bits('indep_throttle_status')
    if (bits !== undefined) return translated(bits, independent)
    const old = metrics && servers.test(metrics.revision) ? metrics.bits('throttle_status') : undefined
    return old === undefined ? undefined : translated(old, server)
  }
}

function translated(mask: bigint, table: typeof independent): number {
  let found = 0
  for (const [from, to, reason] of table) {
    const within = (1n << BigInt(to - from + 1)) - 1n
    if (((mask >> BigInt(from)) & within) !== 0n) found |= reason
  }
  return found
}
