// Why a graphics unit's clock is held down: a file for each reason, 0 or 1. The reasons are read only while `status` says
// that there is one.
import type { Host } from '../../host/host.ts'
import type { CardFiles } from '../drm/card-files.ts'
import type { CardReading } from '../drm/card-sensor.ts'
import { throttleBits, throttleShape } from '../drm/throttle.ts'
import type { KeptFile } from '../../host/kept-file.ts'
import type { GraphicsUnit } from './graphics-unit.ts'

/** Names as in xe_gt_throttle.c and i915's intel_gt_sysfs_pm.c; all others are `other`. */
const namesOf = {
  'power-cap': ['pl1', 'pl2', 'psys_pl1', 'psys_pl2', 'psys_crit'],
  current: ['pl4', 'iccmax', 'vr_tdc', 'fastvmode'],
  thermal: ['thermal', 'ratl', 'vr_thermalert', 'vr_thermal', 'soc_thermal', 'soc_avg_thermal', 'mem_thermal'],
  prochot: ['prochot'],
} satisfies Partial<Record<keyof typeof throttleBits, readonly string[]>>

const reasonBits = new Map(
  (Object.keys(namesOf) as (keyof typeof namesOf)[]).flatMap((reason) =>
    namesOf[reason].map((name) => [name, throttleBits[reason]]),
  ),
)
const { other } = throttleBits

interface Source {
  readonly status: KeptFile
  readonly reasons: readonly (readonly [KeptFile, number])[]
}

export function throttleReading(host: Host, units: readonly GraphicsUnit[], files: CardFiles): readonly CardReading[] {
  const sources = units.flatMap(({ throttle }): Source[] => {
    const status = `${throttle}status`
    if (!host.exists(status)) return []
    const folder = throttle.slice(0, throttle.lastIndexOf('/'))
    const prefix = throttle.endsWith('/') ? 'reason_' : 'throttle_reason_'
    const reasons = host
      .list(folder)
      .filter((name) => name.startsWith(prefix) && name !== `${prefix}status`)
      .map((name) => [files.open(`${folder}/${name}`), reasonBits.get(name.slice(prefix.length)) ?? other] as const)
    return [{ status: files.open(status), reasons }]
  })
  if (sources.length === 0) return []
  return [
    {
      name: 'throttle',
      shape: throttleShape,
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
