// A sensor of a demo run: channels, and what a read at a moment gives, derived from the truth.
import type { Channel } from '../run/channel.ts'

export type Put = (channel: number, t: number, value: number) => void

export interface Source {
  readonly channels: readonly Channel[]
  /** Read fast while the sensors are learnt, as sensors of power are. */
  readonly power: boolean
  /** @param at ns since the run's epoch */
  read(at: number, put: Put): void
}

/** The latest update of a sensor that updates every `period`, first at `phase`; all ns. */
export const updateBefore = (at: number, period: number, phase: number): number =>
  Math.floor((at - phase) / period) * period + phase

/** Rounded down to whole steps of a counter. */
export const counted = (value: number, step: number): number => Math.floor(value / step) * step
