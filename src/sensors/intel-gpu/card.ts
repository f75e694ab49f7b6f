// One Intel card, driver i915 or xe: energy of discrete cards from hwmon, clocks, throttling and idle time of each of its
// graphics units (GTs) from sysfs, and the profiled process' part.
import type { Unmeasured } from '../../run/manifest.ts'
import type { Host } from '../../host/host.ts'
import { type DrmCard, hwmonFolders } from '../drm/card.ts'
import { ProcessUsage } from '../drm/fdinfo.ts'
import { CardFiles, numberOf } from '../drm/card-files.ts'
import type { CardReading, OpenedCard } from '../drm/card-sensor.ts'
import { gpuShape, type Shape } from '../gpu-shapes.ts'
import { activeReading, type GraphicsUnit, graphicsUnits } from './graphics-unit.ts'
import { throttleReading } from './throttle.ts'

/** The bus of the processor itself: graphics on it are in its package. */
export const isIntegrated = ({ pci }: DrmCard): boolean => pci.startsWith('0000:00:')

export function openIntelCard(host: Host, card: DrmCard, watched: SharedArrayBuffer | undefined): OpenedCard {
  const files = new CardFiles(host)
  const usage = watched ? new ProcessUsage(host, card.pci, watched) : undefined
  const units = graphicsUnits(host, card)
  const power = energyReadings(host, card, files)
  return {
    card,
    uuid: card.pci,
    readings: [...power, ...unitReadings(host, units, files), ...(usage?.readings ?? [])],
    lacks: power.some(({ shape }) => shape.quantity === 'energy') ? [] : [withoutEnergy(card)],
    refresh: (at, full) => (full ? usage?.refresh(at) : undefined),
    close: () => files.close(),
  }
}

const withoutEnergy = (card: DrmCard): Unmeasured =>
  isIntegrated(card)
    ? {
        what: `intel-gpu/${card.pci}/energy`,
        reason: 'graphics in the processor have no energy counter of their own in the driver',
        remedy: 'RAPL’s domain uncore is theirs, and lies within the package',
      }
    : {
        what: `intel-gpu/${card.pci}/energy`,
        reason: 'its driver shows no energy counter (hwmon energy1_input)',
        remedy: 'use Linux 6.2 (i915) or 6.8 (xe) or later',
      }

/**
 * xe: `energy1` is the card, `energy2` the chip's package on it; i915 `energy1` the whole device (the folders `i915_gtN` are
 * parts of it). Documentation/ABI/testing/sysfs-driver-intel-{xe,i915}-hwmon.
 */
function energyReadings(host: Host, card: DrmCard, files: CardFiles): readonly CardReading[] {
  const [folder] = hwmonFolders(host, card.device, (name) => name === 'i915' || name === 'xe')
  if (folder === undefined) return []
  const joules = (name: string, shape: Shape, source: string): readonly CardReading[] =>
    files.reading(name, shape, `${folder}/${source}`, numberOf(1e-6, 0))
  const whole = joules('energy', gpuShape('energy'), 'energy1_input')
  // Where only the package counts, it is all there is of the card.
  const scope = whole.length > 0 ? 'zone' : 'gpu'
  const inner = joules('energy-package', { ...gpuShape('energy'), scope }, 'energy2_input')
  const temperature = (index: number): readonly CardReading[] => {
    const label = host.readFile(`${folder}/temp${index}_label`)?.trim()
    const memory = label === undefined ? index === 3 : /vram|mem/.test(label)
    const name = memory ? 'temperature-memory' : 'temperature'
    return files.reading(name, gpuShape(name), `${folder}/temp${index}_input`, numberOf(1e-3))
  }
  const temperatures = [1, 2, 3].flatMap(temperature)
  return [
    ...whole,
    ...inner.map((one) => ({ ...one, within: 'energy' })),
    ...temperatures.filter(({ name }, index) => temperatures.findIndex((other) => other.name === name) === index),
  ]
}

function unitReadings(host: Host, units: readonly GraphicsUnit[], files: CardFiles): readonly CardReading[] {
  const each = (what: 'clock' | 'idle', name: 'clock-gt' | 'idle-time', scale: number): readonly CardReading[] =>
    units.flatMap((unit) => {
      const path = unit[what]
      const own = units.length === 1 ? name : `${name}-${unit.name}`
      return path === undefined ? [] : files.reading(own, gpuShape(name), path, numberOf(scale, 0))
    })
  return [
    ...each('clock', 'clock-gt', 1),
    ...each('idle', 'idle-time', 1e-3),
    ...activeReading(units, files),
    ...throttleReading(host, units, files),
  ]
}
