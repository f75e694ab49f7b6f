// AMD GPUs through the files of the kernel's driver amdgpu: power, energy where its unit is known, temperatures, clocks,
// throttling, memory, utilisation, links, and what the profiled process takes. Needs no library and no root.
import type { Host } from '../../host/host.ts'
import { cardName, cardsOf, cardUuid, vendors } from '../drm/card.ts'
import { type CardOptions, openCards } from '../drm/card-sensor.ts'
import { localSensor } from '../local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider } from '../sensor.ts'
import { isApu, openAmdCard } from './card.ts'

export const amdgpu: SensorProvider = localSensor<CardOptions>({
  id: 'amdgpu',
  summary: 'AMD GPUs (amdgpu)',
  gives: {
    text: 'power, energy, temperatures, clocks, throttling and utilisation of AMD GPUs (grades B and C)',
    what: 'gpu_w',
  },
  elsewhere: { reason: 'AMD GPUs are not read' },
  open: (host, options) => openAmdgpu(host, options),
})

export function openAmdgpu(host: Host, options: CardOptions = {}): Opened<PolledSensor> {
  const found = cardsOf(host, vendors.amd, ['amdgpu'])
  if (!found.ok) return found
  const { cards } = found
  const uuids = cards.map((card) => cardUuid(host, card))
  const apus = cards.filter((card) => isApu(host, card))
  const opened = cards.map((card, index) => {
    const uuid = uuids[index]!
    return openAmdCard(host, card, {
      // Dies of one board may share an id.
      uuid: uuids.filter((other) => other === uuid).length > 1 ? card.pci : uuid,
      package: apus.length <= 1 ? 'package-0' : card.pci,
      beside: apus.length < cards.length,
      watched: options.watched,
    })
  })
  const names = [...new Set(cards.map((card) => cardName(host, card)))].join(', ')
  return openCards('amdgpu', host, opened, `${cards.length} GPU${cards.length === 1 ? '' : 's'}: ${names}`)
}
