// AMD GPUs through the files of the kernel's driver amdgpu: power, energy where its unit is known, temperatures, clocks,
// throttling, memory, utilisation, links, and what the profiled process takes. Needs no library and no root.
import type { Host } from '../../host/host.ts'
import { cardName, cardUuid, type DrmCard, drmCards, vendors } from '../drm/card.ts'
import { asleepNow, type CardOptions, openCards } from '../drm/card-sensor.ts'
import type { PolledSensor, Probe, SensorProvider } from '../sensor.ts'
import { isApu, openAmdCard } from './card.ts'

const gives = 'power, energy, temperatures, clocks, throttling and utilisation of AMD GPUs (grades B and C)'

export const amdgpu: SensorProvider = {
  id: 'amdgpu',
  summary: 'AMD GPUs (amdgpu)',
  probe: async (host) => probe(host),
  open: async (host, options) => openAmdgpu(host, options as CardOptions | undefined),
}

const amdCards = (host: Host): readonly DrmCard[] =>
  drmCards(host, vendors.amd).filter(({ driver }) => driver === '' || driver === 'amdgpu')

function probe(host: Host): Probe {
  const no = (reason: string, remedy: string): Probe => ({ ok: false, gives, reason, remedy })
  if (host.platform !== 'linux') return no(`AMD GPUs are not read on ${host.platform}`, 'measure on Linux')
  const cards = amdCards(host)
  if (cards.length === 0) {
    const other = drmCards(host, vendors.amd)[0]
    return other
      ? no(`the driver of ${cardName(host, other)} is ${other.driver}`, 'use the driver amdgpu')
      : no('there is no AMD GPU on this host', 'nothing to do without one; else load its driver: sudo modprobe amdgpu')
  }
  const asleep = cards.filter((card) => asleepNow(host, card)).length
  const names = [...new Set(cards.map((card) => cardName(host, card)))].join(', ')
  const note = `${cards.length} GPU${cards.length === 1 ? '' : 's'}: ${names}`
  return { ok: true, gives, note: asleep === 0 ? note : `${note}; ${asleep} asleep, read from when it wakes` }
}

/** @throws Error when no card gives anything */
export function openAmdgpu(host: Host, options: CardOptions = {}): PolledSensor {
  const cards = amdCards(host)
  const uuids = cards.map((card) => cardUuid(host, card))
  const apus = cards.filter((card) => isApu(host, card))
  return openCards(
    'amdgpu',
    host,
    cards.map((card, index) => {
      const uuid = uuids[index]!
      return openAmdCard(host, card, {
        // Dies of one board may share an id.
        uuid: uuids.filter((other) => other === uuid).length > 1 ? card.pci : uuid,
        package: apus.length <= 1 ? 'package-0' : card.pci,
        beside: apus.length < cards.length,
        watched: options.watched,
      })
    }),
  )
}
