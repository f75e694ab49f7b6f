// Where the drivers keep the files of each graphics unit (GT) of a card: xe below `tileN/gtN` of the device, i915 below
// `gt/gtN` of the card, before Linux 5.19 in the card itself.
import type { Host } from '../../host/host.ts'
import { rise } from '../unwrapped-counter.ts'
import type { DrmCard } from '../drm/card.ts'
import type { CardFiles } from '../drm/card-files.ts'
import type { CardReading } from '../drm/card-sensor.ts'
import { gpuShape } from '../gpu-shapes.ts'

export interface GraphicsUnit {
  /** `gt0` */
  readonly name: string
  /** File of the clock as it is, MHz; 0 while asleep in RC6. */
  readonly clock: string | undefined
  /** File of the time in RC6, ms. */
  readonly idle: string | undefined
  /** Folder and beginning of the names of throttle files: `…/throttle/`, `…/gt0/throttle_reason_`. */
  readonly throttle: string
}

export function graphicsUnits(host: Host, card: DrmCard): readonly GraphicsUnit[] {
  const there = (path: string): string | undefined => (host.exists(path) ? path : undefined)
  const xe = numbered(host, card.device, /^tile\d+$/).flatMap((tile) =>
    numbered(host, tile, /^gt\d+$/).map((folder) => ({
      name: nameOf(folder),
      clock: there(`${folder}/freq0/act_freq`),
      idle: there(`${folder}/gtidle/idle_residency_ms`),
      throttle: `${folder}/freq0/throttle/`,
    })),
  )
  if (xe.length > 0) return xe
  const i915 = numbered(host, `${card.path}/gt`, /^gt\d+$/).map((folder) => ({
    name: nameOf(folder),
    clock: there(`${folder}/rps_act_freq_mhz`),
    idle: there(`${folder}/rc6_residency_ms`),
    throttle: `${folder}/throttle_reason_`,
  }))
  if (i915.length > 0) return i915
  const clock = there(`${card.path}/gt_act_freq_mhz`)
  const idle = there(`${card.path}/power/rc6_residency_ms`)
  return clock === undefined && idle === undefined
    ? []
    : [{ name: 'gt0', clock, idle, throttle: `${card.path}/throttle_reason_` }]
}

const numbered = (host: Host, folder: string, pattern: RegExp): readonly string[] =>
  host
    .list(folder)
    .filter((name) => pattern.test(name))
    .map((name) => `${folder}/${name}`)

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/**
 * Share of the time in which the least idle unit was awake. What is awake may still wait: an upper bound of the utilisation,
 * which the drivers tell by the perf PMU only.
 */
export function activeReading(units: readonly GraphicsUnit[], files: CardFiles): readonly CardReading[] {
  const idle = units.flatMap(({ idle: path }) => (path === undefined ? [] : [files.open(path)]))
  if (idle.length === 0) return []
  let last: readonly (number | undefined)[] = []
  let lastAt = Number.NaN
  return [
    {
      name: 'active',
      shape: gpuShape('active'),
      trial: true,
      restart: () => void (lastAt = Number.NaN),
      read: (at = Number.NaN) => {
        const now = idle.map((file) => file.number())
        const elapsed = (at - lastAt) / 1e6
        const before = last
        last = now
        lastAt = at
        const shares = now.flatMap((value, index) => {
          const from = before[index]
          const idled = value === undefined || from === undefined ? undefined : rise(from, value)
          return idled === undefined || !(elapsed > 0) ? [] : [1 - idled / elapsed]
        })
        // Milliseconds round: an idle unit may seem a little more than idle.
        return shares.length === 0 ? undefined : Math.min(1, Math.max(0, ...shares))
      },
    },
  ]
}
