// Intel GPUs through the files of the kernel's drivers i915 and xe. Graphics in the processor lie within its package: their
// energy is RAPL's, and only what they do is told here. Needs no library and no root.
import type { Host } from '../../host/host.ts'
import { cardName, cardsOf, vendors } from '../drm/card.ts'
import { type CardOptions, openCards } from '../drm/card-sensor.ts'
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
  elsewhere: { reason: 'Intel GPUs are not read' },
  open: (host, options) => openIntelGpu(host, options),
})

export function openIntelGpu(host: Host, options: CardOptions = {}): Opened<PolledSensor> {
  const found = cardsOf(host, vendors.intel, ['xe', 'i915'])
  if (!found.ok) return found
  const opened = found.cards.map((card) => openIntelCard(host, card, options.watched))
  const names = found.cards.map(
    (card) => `${cardName(host, card)} (${isIntegrated(card) ? 'in the processor' : 'discrete'})`,
  )
  return openCards('intel-gpu', host, opened, names.join(', '))
}
