// Why a graphics unit's clock is held down: a file for each reason, 0 or 1. The reasons are read only while `status` says
// that there is one.
import type { Host } from '../../host/host.ts'
import type { CardReading } from '../drm/card-sensor.ts'
import type { KeptFile } from '../../host/kept-file.ts'
import type { GraphicsUnit } from './graphics-unit.ts'

/** Bits of our `throttle`; see docs/sensors.md. Names as in xe_gt_throttle.c and i915's intel_gt_sysfs_pm.c. */
const reasonBits: Readonly<Record<string, number>> = {
  pl1: 0x1,
  pl2: 0x1,
  psys_pl1: 0x1,
  psys_pl2: 0x1,
  psys_crit: 0x1,
  pl4: 0x2,
  iccmax: 0x2,
  vr_tdc: 0x2,
  fastvmode: 0x2,
  thermal: 0x4,
  ratl: 0x4,
  vr_thermalert: 0x4,
  vr_thermal: 0x4,
  soc_thermal: 0x4,
  soc_avg_thermal: 0x4,
  mem_thermal: 0x4,
  prochot: 0x8,
}
const other = 0x10

interface Source {
  readonly status: KeptFile
  readonly reasons: readonly (readonly [KeptFile, number])[]
}

export function throttleReading(
  host: Host,
  units: readonly GraphicsUnit[],
  open: (path: string) => KeptFile,
): CardReading[] {
  const sources = units.flatMap(({ throttle }): Source[] => {
    const status = `${throttle}status`
    if (!host.exists(status)) return []
    const folder = throttle.slice(0, throttle.lastIndexOf('/'))
    const prefix = throttle.endsWith('/') ? 'reason_' : 'throttle_reason_'
    const reasons = host
      .list(folder)
      .filter((name) => name.startsWith(prefix) && name !== `${prefix}status`)
      .map((name) => [open(`${folder}/${name}`), reasonBits[name.slice(prefix.length)] ?? other] as const)
    return [{ status: open(status), reasons }]
  })
  if (sources.length === 0) return []
  return [
    {
      name: 'throttle',
      shape: { quantity: 'throttle', unit: '1', kind: 'gauge', scope: 'gpu' },
      read: () => {
        const masks = sources.flatMap((source) => maskOf(source) ?? [])
        return masks.length === 0 ? undefined : masks.reduce((all, mask) => all | mask, 0)
      },
    },
  ]
}

function maskOf({ status, reasons }: Source): number | undefined {
  const held = status.number()
  if (held === undefined || held === 0) return held
  const mask = reasons.reduce((all, [file, bit]) => (file.number() === 1 ? all | bit : all), 0)
  // Held back and no file says why.
  return mask === 0 ? other : mask
}
