// One Intel card, driver i915 or xe: energy of discrete cards from hwmon, clocks, throttling and idle time of each of its
// graphics units (GTs) from sysfs, and the profiled process' part.
import type { Unmeasured } from '../../run/manifest.ts'
import type { Host } from '../../host/host.ts'
import { type DrmCard, hwmonFolders } from '../drm/card.ts'
import { ProcessUsage } from '../drm/fdinfo.ts'
import { type CardReading, fileReading, type OpenedCard, type Shape } from '../drm/card-sensor.ts'
import { KeptFile } from '../../host/kept-file.ts'
import { activeReading, type GraphicsUnit, graphicsUnits } from './graphics-unit.ts'
import { throttleReading } from './throttle.ts'

const gauge = { kind: 'gauge', scope: 'gpu' } as const
const joules = { quantity: 'energy', unit: 'J', kind: 'counter', grade: 'B' } as const
const degrees = { ...gauge, quantity: 'temperature', unit: 'degC' } as const

type Open = (path: string) => KeptFile

/** The bus of the processor itself: graphics on it are in its package. */
export const isIntegrated = ({ pci }: DrmCard): boolean => pci.startsWith('0000:00:')

export function openIntelCard(host: Host, card: DrmCard, watched: SharedArrayBuffer | undefined): OpenedCard {
  const files: KeptFile[] = []
  const open: Open = (path) => {
    const kept = new KeptFile(host, path)
    files.push(kept)
    return kept
  }
  const usage = watched ? new ProcessUsage(host, card.pci, watched) : undefined
  const units = graphicsUnits(host, card)
  const power = energyReadings(host, card, open)
  return {
    card,
    uuid: card.pci,
    readings: [...power, ...unitReadings(host, units, open), ...(usage?.readings ?? [])],
    lacks: power.some(({ shape }) => shape.quantity === 'energy') ? [] : [withoutEnergy(card)],
    refresh: (at, full) => (full ? usage?.refresh(at) : undefined),
    close: () => files.forEach((kept) => kept.close()),
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
function energyReadings(host: Host, card: DrmCard, open: Open): CardReading[] {
  const [folder] = hwmonFolders(host, card.device, (name) => name === 'i915' || name === 'xe')
  if (folder === undefined) return []
  const reading = (name: string, shape: Shape, source: string, scale: number, least?: number): CardReading[] =>
    host.exists(`${folder}/${source}`)
      ? [{ name, shape, read: fileReading(open(`${folder}/${source}`), scale, least) }]
      : []
  const whole = reading('energy', { ...joules, scope: 'gpu' }, 'energy1_input', 1e-6, 0)
  // Where only the package counts, it is all there is of the card.
  const scope = whole.length > 0 ? 'zone' : 'gpu'
  const inner = reading('energy-package', { ...joules, scope }, 'energy2_input', 1e-6, 0)
  const temperature = (index: number): CardReading[] => {
    const label = host.readFile(`${folder}/temp${index}_label`)?.trim()
    const memory = label === undefined ? index === 3 : /vram|mem/.test(label)
    const role = memory ? 'memory-temperature' : 'temperature'
    return reading(memory ? 'temperature-memory' : 'temperature', { ...degrees, role }, `temp${index}_input`, 1e-3)
  }
  const temperatures = [1, 2, 3].flatMap(temperature)
  return [
    ...whole,
    ...inner.map((one) => ({ ...one, within: 'energy' })),
    ...temperatures.filter(({ name }, index) => temperatures.findIndex((other) => other.name === name) === index),
  ]
}

function unitReadings(host: Host, units: readonly GraphicsUnit[], open: Open): CardReading[] {
  const single = units.length === 1
  const named = (name: string, unit: GraphicsUnit): string => (single ? name : `${name}-${unit.name}`)
  const clocks = units.flatMap((unit): CardReading[] =>
    unit.clock === undefined
      ? []
      : [
          {
            name: named('clock-gt', unit),
            shape: { ...gauge, quantity: 'clock', unit: 'MHz', role: 'core-clock' },
            read: fileReading(open(unit.clock), 1, 0),
          },
        ],
  )
  const idle = units.flatMap((unit): CardReading[] =>
    unit.idle === undefined
      ? []
      : [
          {
            name: named('idle-time', unit),
            shape: { quantity: 'time', unit: 's', kind: 'counter', scope: 'gpu', role: 'idle-time' },
            read: fileReading(open(unit.idle), 1e-3, 0),
          },
        ],
  )
  return [...clocks, ...idle, ...activeReading(units, open), ...throttleReading(host, units, open)]
}
