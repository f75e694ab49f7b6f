// Intel GPUs through the files of the kernel's drivers i915 and xe. Graphics in the processor lie within its package: their
// energy is RAPL's, and only what they do is told here. Needs no library and no root.
import { absent } from '../../base/absence.ts'
import type { Host } from '../../host/host.ts'
import { cardName, type DrmCard, drmCards, vendors } from '../drm/card.ts'
import { asleepNow, type CardOptions, openCards } from '../drm/card-sensor.ts'
import { localSensor } from '../local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider } from '../sensor.ts'
import { isIntegrated, openIntelCard } from './card.ts'

export const intelGpu: SensorProvider = localSensor<CardOptions>({
  id: 'intel-gpu',
  summary: 'Intel GPUs (i915, xe)',
  gives: {
    text: 'energy (grade B), temperatures, clocks, throttling and idle time of Intel GPUs',
    what: 'gpu_w',
  },
  platforms: ['linux'],
  elsewhere: { reason: 'Intel GPUs are not read' },
  open: (host, options) => openIntelGpu(host, options),
})

const drivers: ReadonlySet<string> = new Set(['i915', 'xe', ''])

const intelCards = (host: Host): readonly DrmCard[] =>
  drmCards(host, vendors.intel).filter(({ driver }) => drivers.has(driver))

export function openIntelGpu(host: Host, options: CardOptions = {}): Opened<PolledSensor> {
  const cards = intelCards(host)
  if (cards.length === 0) {
    const other = drmCards(host, vendors.intel)[0]
    return other
      ? absent(`the driver of ${cardName(host, other)} is ${other.driver}`, 'use the driver xe or i915')
      : absent(
          'there is no Intel GPU on this host',
          'nothing to do without one; else load its driver: sudo modprobe xe',
        )
  }
  const opened = cards.map((card) => openIntelCard(host, card, options.watched))
  return openCards('intel-gpu', host, opened, noteOf(host, cards))
}

function noteOf(host: Host, cards: readonly DrmCard[]): string {
  const told = cards.map((card) => `${cardName(host, card)} (${isIntegrated(card) ? 'in the processor' : 'discrete'})`)
  const asleep = cards.filter((card) => asleepNow(host, card)).length
  return `${told.join(', ')}${asleep === 0 ? '' : `; ${asleep} asleep, read from when it wakes`}`
}
