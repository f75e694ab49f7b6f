// The GPUs of a host for its run's manifest: names, ids and drivers, from files; of NVIDIA from NVML. Nothing here is needed
// to measure, so nothing here fails.
import type { Host } from '../../host/host.ts'
import type { HostFacts } from '../../run/manifest.ts'
import { cardName, cardUuid, driverName, drmCards, vendors } from './card.ts'

type Gpu = HostFacts['gpus'][number]

/** @param nvidia what NVML says; where that is nothing, the cards' PCI ids are told */
export function hostGpus(host: Host, nvidia: (host: Host) => readonly Gpu[]): HostFacts['gpus'] {
  const told = attempt(() => nvidia(host).map(({ name, uuid, driver }) => ({ name, uuid, driver })))
  const others = told.length > 0 ? [vendors.amd, vendors.intel] : Object.values(vendors)
  return [
    ...told,
    ...others.flatMap((vendor) => attempt(() => drmCards(host, vendor).map((card) => factsOf(host, card)))),
  ]
}

const factsOf = (host: Host, card: Parameters<typeof cardUuid>[1]): Gpu => ({
  name: cardName(host, card),
  uuid: cardUuid(host, card),
  driver: driverName(host, card),
})

function attempt(list: () => readonly Gpu[]): readonly Gpu[] {
  try {
    return list()
  } catch {
    return []
  }
}
