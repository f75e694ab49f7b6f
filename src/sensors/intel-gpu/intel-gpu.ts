// Intel GPUs through the files of the kernel's drivers i915 and xe. Graphics in the processor lie within its package: their
// energy is RAPL's, and only what they do is told here. Needs no library and no root.
import type { Host } from '../../host/host.ts'
import { cardName, type DrmCard, drmCards, vendors } from '../drm/card.ts'
import { asleepNow, type CardOptions, openCards } from '../drm/card-sensor.ts'
import type { PolledSensor, Probe, SensorProvider } from '../sensor.ts'
import { isIntegrated, openIntelCard } from './card.ts'

const gives = 'energy (grade B), temperatures, clocks, throttling and idle time of Intel GPUs'

export const intelGpu: SensorProvider = {
  id: 'intel-gpu',
  summary: 'Intel GPUs (i915, xe)',
  probe: async (host) => probe(host),
  open: async (host, options) => openIntelGpu(host, options as CardOptions | undefined),
}

const drivers: ReadonlySet<string> = new Set(['i915', 'xe', ''])

const intelCards = (host: Host): readonly DrmCard[] =>
  drmCards(host, vendors.intel).filter(({ driver }) => drivers.has(driver))

function probe(host: Host): Probe {
  const no = (reason: string, remedy: string): Probe => ({ ok: false, gives, reason, remedy })
  if (host.platform !== 'linux') return no(`Intel GPUs are not read on ${host.platform}`, 'measure on Linux')
  const cards = intelCards(host)
  if (cards.length === 0) {
    const other = drmCards(host, vendors.intel)[0]
    return other
      ? no(`the driver of ${cardName(host, other)} is ${other.driver}`, 'use the driver xe or i915')
      : no('there is no Intel GPU on this host', 'nothing to do without one; else load its driver: sudo modprobe xe')
  }
  const told = cards.map((card) => `${cardName(host, card)} (${isIntegrated(card) ? 'in the processor' : 'discrete'})`)
  const asleep = cards.filter((card) => asleepNow(host, card)).length
  return {
    ok: true,
    gives,
    note: `${told.join(', ')}${asleep === 0 ? '' : `; ${asleep} asleep, read from when it wakes`}`,
  }
}

/** @throws Error when no card gives anything */
export const openIntelGpu = (host: Host, options: CardOptions = {}): PolledSensor =>
  openCards(
    'intel-gpu',
    host,
    intelCards(host).map((card) => openIntelCard(host, card, options.watched)),
  )
