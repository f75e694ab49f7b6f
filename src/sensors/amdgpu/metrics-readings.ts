// What is taken from `gpu_metrics`, and in which units: only what the kernel's header says of that revision. Of 1.0 to 1.3
// it says none; temperatures, shares and watts of those are what AMD's own library (rocm_smi.h) takes them for, the energy
// unit of RDNA is not told anywhere and is not read. Of 2.0 to 2.3 units differ between firmwares.
import { rise } from '../unwrapped-counter.ts'
import type { CardReading, Shape } from '../drm/card-sensor.ts'
import { throttleBits, throttleMask } from '../drm/throttle.ts'
import type { Metrics } from './gpu-metrics.ts'

/** J: 2^-16, "15.259 µJ" in the header from 1.4 on. */
const energyUnit = 2 ** -16
/** Of a residency counter. */
const residency = { period: 2 ** 32 }

/** `undefined` while there is none this time. */
export type LatestMetrics = () => Metrics | undefined

const gauge = { kind: 'gauge', scope: 'gpu' } as const
const rate = { quantity: 'utilization', unit: 'ratio', kind: 'average', scope: 'gpu' } as const
const watts = { quantity: 'power', unit: 'W', kind: 'average', grade: 'C' } as const
/** The graphics part of a processor draws within its package. */
const graphics = { ...watts, scope: 'uncore' } as const
const degrees = { ...gauge, quantity: 'temperature', unit: 'degC' } as const
const clock = { ...gauge, quantity: 'clock', unit: 'MHz' } as const

const isServer = (revision: string): boolean => /^1\.[4-9]$/.test(revision)
const isDiscrete = (revision: string): boolean => revision.startsWith('1.')

/** Revisions 2 and 3 are those of processors with graphics. */
export const isApuTable = (revision: string): boolean => /^[23]\./.test(revision)

/**
 * Readings of one revision. Of what hwmon gives as well the caller takes the one of that name from there: the watts of both
 * are one number of the firmware, rounded here, so that neither could check the other.
 * @param at when the latest were read, ns; NaN at opening
 */
export function metricsReadings(revision: string, latest: LatestMetrics, at: () => number): readonly CardReading[] {
  const scaled = (name: string, shape: Shape, field: string, scale = 1): CardReading => ({
    name,
    shape,
    read: () => {
      const value = latest()?.get(field)
      return value === undefined ? undefined : value * scale
    },
  })
  const summed = (name: 'xgmi-read' | 'xgmi-write', field: string): CardReading => ({
    name,
    // Links that are not there are all ones, and left out.
    shape: { quantity: 'bytes', unit: 'B', kind: 'counter', scope: 'gpu', role: name },
    read: () => {
      const values = latest()?.all(field) ?? []
      return values.length === 0 ? undefined : values.reduce((sum, kilobytes) => sum + kilobytes * 1000, 0)
    },
  })
  const largest = (name: string, shape: Shape, field: string, scale: number): CardReading => ({
    name,
    shape,
    read: () => {
      const values = latest()?.all(field) ?? []
      return values.length === 0 ? undefined : Math.max(...values) * scale
    },
  })
  const readings: CardReading[] = []
  if (isDiscrete(revision))
    readings.push(
      scaled('temperature', { ...degrees, role: 'temperature' }, 'temperature_edge'),
      scaled('temperature-junction', { ...degrees, role: 'junction-temperature' }, 'temperature_hotspot'),
      scaled('temperature-memory', { ...degrees, role: 'memory-temperature' }, 'temperature_mem'),
      scaled('utilization', { ...rate, role: 'utilization' }, 'average_gfx_activity', 0.01),
      scaled('utilization-memory', { ...rate, role: 'utilization-memory' }, 'average_umc_activity', 0.01),
      // Of several dies the fastest.
      largest('clock-gfx', { ...clock, role: 'core-clock' }, 'current_gfxclk', 1),
      scaled('clock-memory', { ...clock, role: 'memory-clock' }, 'current_uclk'),
    )
  if (isServer(revision))
    readings.push(
      scaled(
        'energy',
        { quantity: 'energy', unit: 'J', kind: 'counter', scope: 'gpu', grade: 'B' },
        'energy_accumulator',
        energyUnit,
      ),
      scaled('power', { ...watts, kind: 'gauge', scope: 'gpu' }, 'curr_socket_power'),
      summed('xgmi-read', 'xgmi_read_data_acc'),
      summed('xgmi-write', 'xgmi_write_data_acc'),
    )
  else if (isDiscrete(revision))
    readings.push(scaled('power-average', { ...watts, scope: 'gpu' }, 'average_socket_power'))
  if (/^1\.[789]$/.test(revision))
    readings.push(
      scaled(
        'pcie-rate',
        { ...gauge, quantity: 'bandwidth', unit: 'B/s', role: 'pcie-rate' },
        'pcie_bandwidth_inst',
        1e9,
      ),
    )
  if (/^1\.[6-9]$/.test(revision)) readings.push(...residencies(latest, at))
  else
    readings.push({
      name: 'throttle',
      shape: { ...gauge, quantity: 'throttle', unit: '1', throttle: throttleMask },
      read: maskOf(latest),
    })
  if (revision === '2.4')
    readings.push(
      scaled('utilization', { ...rate, role: 'utilization' }, 'average_gfx_activity', 1e-4),
      scaled('temperature', { ...degrees, role: 'temperature' }, 'temperature_gfx', 0.01),
      scaled('clock-gfx', { ...clock, role: 'core-clock' }, 'current_gfxclk'),
      scaled('power-gfx', graphics, 'average_gfx_power', 1e-3),
    )
  if (revision === '3.0')
    readings.push(
      scaled('utilization', { ...rate, role: 'utilization' }, 'average_gfx_activity', 0.01),
      largest('utilization-npu', { ...rate, role: 'utilization-npu' }, 'average_ipu_activity', 0.01),
      scaled(
        'dram-read-rate',
        { ...rate, quantity: 'bandwidth', unit: 'B/s', role: 'dram-read-rate' },
        'average_dram_reads',
        1e6,
      ),
      scaled(
        'dram-write-rate',
        { ...rate, quantity: 'bandwidth', unit: 'B/s', role: 'dram-write-rate' },
        'average_dram_writes',
        1e6,
      ),
      scaled('power-gfx', graphics, 'average_gfx_power', 1e-3),
    )
  return readings
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
    const old = metrics && isServer(metrics.revision) ? metrics.bits('throttle_status') : undefined
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
