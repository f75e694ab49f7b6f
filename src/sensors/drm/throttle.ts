// Why a graphics card's clock is held down, as one mask for all drivers: each adapter translates its driver's reasons.
import type { Throttle } from '../../run/channel.ts'
import type { ThrottleReason } from '../../run/throttle-reason.ts'
import type { Shape } from '../gpu-shapes.ts'

type MaskReason = Extract<ThrottleReason, 'power-cap' | 'current' | 'thermal' | 'prochot' | 'other'>

/** Bits of the mask; see docs/sensors.md. */
export const throttleBits: Readonly<Record<MaskReason, number>> = {
  'power-cap': 0x1,
  current: 0x2,
  thermal: 0x4,
  prochot: 0x8,
  other: 0x10,
}

export const throttleMask: readonly Throttle[] = (Object.keys(throttleBits) as MaskReason[]).map((reason) => ({
  reason,
  bit: throttleBits[reason],
}))

export const throttleShape: Shape = {
  quantity: 'throttle',
  unit: '1',
  kind: 'gauge',
  scope: 'gpu',
  throttle: throttleMask,
}
