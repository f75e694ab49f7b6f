// What truly happened on the imitated machine, on a grid of one millisecond: energy of every rail, clocks, temperatures,
// activity, throttling. All readings are derived from it, and tests hold the run's figures against it.
import type { RequestChunk } from '../run/table.ts'
import type { Schedule } from './schedule.ts'

/** Supply rails: GPU ⊃ its memory; package, DRAM ⊂ psys; psys, GPU ⊂ wall. */
export const rails = ['gpu', 'gpuMemory', 'package0', 'package1', 'dram0', 'dram1', 'psys', 'wall'] as const
export type Rail = (typeof rails)[number]

/** Sums over time since the epoch: J of each rail, s of the others. */
export type Sum = Rail | 'gpuBusy' | 'thermalThrottle' | 'powerThrottle' | 'hostCpu' | 'targetCpu' | 'selfCpu'
export const sums: readonly Sum[] = [
  ...rails,
  'gpuBusy',
  'thermalThrottle',
  'powerThrottle',
  'hostCpu',
  'targetCpu',
  'selfCpu',
]

/** At the end of each step: MHz, °C. */
export const levels = [
  'clock',
  'gpuTemperature',
  'memoryTemperature',
  'package0Temperature',
  'package1Temperature',
] as const
export type Level = (typeof levels)[number]

/** ns */
export const step = 1e6

export class Truth {
  readonly schedule: Schedule
  /** Of the load; `done` is of all. */
  readonly requests: RequestChunk
  readonly #sums: Readonly<Record<Sum, Float64Array>>
  readonly #levels: Readonly<Record<Level, Float64Array>>

  constructor(
    schedule: Schedule,
    requests: RequestChunk,
    sums: Readonly<Record<Sum, Float64Array>>,
    levels: Readonly<Record<Level, Float64Array>>,
  ) {
    this.schedule = schedule
    this.requests = requests
    this.#sums = sums
    this.#levels = levels
  }

  /** From the epoch to `t`, ns; power is constant within a step, so between steps the sum is linear. */
  sum(name: Sum, t: number): number {
    const values = this.#sums[name]
    const at = Math.min(Math.max(0, t / step), values.length - 1)
    const whole = Math.min(Math.floor(at), values.length - 2)
    const before = values[whole]!
    return before + (values[whole + 1]! - before) * (at - whole)
  }

  between(name: Sum, from: number, to: number): number {
    return this.sum(name, to) - this.sum(name, from)
  }

  level(name: Level, t: number): number {
    const values = this.#levels[name]
    return values[Math.min(values.length - 1, Math.max(0, Math.floor(t / step)))]!
  }

  get loadTo(): number {
    return this.requests.done.reduce((last, done) => Math.max(last, done), this.schedule.loadFrom)
  }

  /** Until the second idle phase has ended and everything was read once more. */
  get end(): number {
    const { settle, idle, tail } = this.schedule
    return this.loadTo + settle + idle + tail
  }
}
