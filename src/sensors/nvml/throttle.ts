// Why NVML says that a GPU is throttled: bits of a mask, and counters of the time lost to one reason each.
import type { Throttle } from '../../run/channel.ts'

/**
 * Bits of the clock event reasons that throttle a GPU (nvml.h, nvmlClocksEventReason*). Idle (0x1), application clocks (0x2),
 * sync boost (0x10) and display clocks (0x100) are settings, not throttling.
 */
export const clockEventReasons: readonly Throttle[] = [
  { reason: 'power-cap', bit: 0x4 },
  { reason: 'hardware-slowdown', bit: 0x8 },
  { reason: 'thermal', bit: 0x20 },
  { reason: 'thermal-hardware', bit: 0x40 },
  { reason: 'power-brake', bit: 0x80 },
]
