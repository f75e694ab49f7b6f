// What a measurement tells while it goes on: plain data for the live line, the live page, and whoever listens.
import type { Figure } from './figure.ts'

/** A few times a second while measuring. Times in ms are response times so far, from a log-linear histogram. */
export interface Progress {
  readonly stage: 'inspect' | 'ceilings' | 'idle' | 'cold-start' | 'load' | 'analyse' | 'advise'
  readonly folder?: string
  readonly message?: string
  readonly elapsed_s: number
  readonly total_s?: number
  readonly sent: number
  readonly failed: number
  readonly p50_ms?: number
  readonly p99_ms?: number
  readonly per_s?: number
  readonly watts?: { readonly low: number; readonly high: number; readonly grade: string }
  /** About twice a second: only what ended since the report before that had it. */
  readonly recent?: RecentRequests
  /**
   * With `recent`: mean power of the last second by scope, of a slower sensor between its last two readings. An estimate
   * (grade D) has no value, only its ends.
   */
  readonly power?: { readonly system_w: Figure | null; readonly cpu_w: Figure | null; readonly gpu_w: Figure | null }
  /** With `recent` too. */
  readonly devices?: DeviceReadings
}

export interface RecentRequests {
  readonly s: number
  readonly requests: number
  /** Of the successful ones; left out when there was none. */
  readonly p50_ms?: number
  readonly p99_ms?: number
  readonly max_ms?: number
}

/** The latest readings of temperatures, clocks and utilisation; `null` where no sensor tells. */
export interface DeviceReadings {
  readonly cpu: {
    /** Mean of the cores that tell. */
    readonly clock_mhz: number | null
    /** The hottest sensor. */
    readonly temperature_c: number | null
  }
  readonly gpus: readonly GpuReadings[]
}

export interface GpuReadings {
  readonly device: string
  /** Ratio, 0 to 1. */
  readonly utilization: number | null
  readonly memory_used_bytes: number | null
  readonly memory_total_bytes: number | null
  readonly clock_mhz: number | null
  readonly temperature_c: number | null
}
