// Why a device was throttled: a closed list over all vendors. Several may stand for one cause, because sensors count the
// same throttling at different places.

export type ThrottleReason =
  | 'power'
  | 'power-cap'
  | 'power-brake'
  | 'current'
  | 'board'
  | 'thermal'
  | 'thermal-core'
  | 'thermal-package'
  | 'thermal-hardware'
  | 'sw-thermal'
  | 'hw-thermal'
  | 'vr-thermal'
  | 'memory-thermal'
  | 'prochot'
  | 'hardware-slowdown'
  | 'other'
  /** The sensor does not say why. */
  | 'throttle'
