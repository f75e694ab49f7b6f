// Graphics cards as the kernel's DRM shows them (/sys/class/drm/cardN): which they are, and whether one sleeps. Nothing here
// wakes a card: these files are answered from memory.
import { absent, type Absent } from '../../base/absence.ts'
import type { Host } from '../../host/host.ts'

export interface DrmCard {
  /** `card0` */
  readonly name: string
  /** `/sys/class/drm/card0` */
  readonly path: string
  /** The PCI device's folder. */
  readonly device: string
  /** `0000:03:00.0` */
  readonly pci: string
  /** Lower case, without `0x`. */
  readonly vendor: string
  readonly id: string
  /** The kernel's driver, empty when it has none. */
  readonly driver: string
}

export const vendors = { amd: '1002', intel: '8086', nvidia: '10de' } as const

const root = '/sys/class/drm'

/** PCI cards of a vendor, by number; connectors (`card0-DP-1`) and render nodes are none. */
export const drmCards = (host: Host, vendor: string): readonly DrmCard[] =>
  host
    .list(root)
    .filter((name) => /^card\d+$/.test(name))
    .sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)))
    .map((name) => cardOf(host, name))
    .filter((card) => card?.vendor === vendor) as readonly DrmCard[]

function cardOf(host: Host, name: string): DrmCard | undefined {
  const path = `${root}/${name}`
  const device = `${path}/device`
  const event = host.readFile(`${device}/uevent`) ?? ''
  const field = (key: string): string | undefined => new RegExp(`^${key}=(.+)$`, 'm').exec(event)?.[1]?.trim()
  const hex = (file: string): string | undefined =>
    /^0x([0-9a-f]{4})$/i.exec(host.readFile(`${device}/${file}`)?.trim() ?? '')?.[1]?.toLowerCase()
  const [vendor, id] = [hex('vendor'), hex('device')]
  if (vendor === undefined || id === undefined) return undefined
  const pci = field('PCI_SLOT_NAME') ?? host.resolve(device)?.split('/').at(-1) ?? name
  return { name, path, device, pci, vendor, id, driver: field('DRIVER') ?? '' }
}

/**
 * Runtime power management has switched the device off, or is doing so. A read of its sensors would wake it (or is refused
 * by newer drivers), and what it draws asleep is not measured.
 */
export const isAsleep = (status: string | undefined): boolean => /^suspend(?:ed|ing)$/.test(status?.trim() ?? '')

export const runtimeStatusPath = (card: DrmCard): string => `${card.device}/power/runtime_status`

/** The hwmon folders of a device whose name is one of these. */
export const hwmonFolders = (host: Host, device: string, isOurs: (name: string) => boolean): readonly string[] =>
  host
    .list(`${device}/hwmon`)
    .map((name) => `${device}/hwmon/${name}`)
    .filter((folder) => isOurs(host.readFile(`${folder}/name`)?.trim() ?? ''))

/** The cards that one of these drivers has, or none yet; why there are none. The first driver is the one to load. */
export function cardsOf(
  host: Host,
  vendor: string,
  drivers: readonly string[],
): { readonly ok: true; readonly cards: readonly DrmCard[] } | Absent {
  const all = drmCards(host, vendor)
  const cards = all.filter(({ driver }) => driver === '' || drivers.includes(driver))
  if (cards.length > 0) return { ok: true, cards }
  const [other] = all
  return other
    ? absent(`the driver of ${cardName(host, other)} is ${other.driver}`, `use the driver ${drivers.join(' or ')}`)
    : absent(
        `there is no ${makers[vendor]} GPU on this host`,
        `nothing to do without one; else load its driver: sudo modprobe ${drivers[0]}`,
      )
}

const makers: Readonly<Record<string, string>> = {
  [vendors.amd]: 'AMD',
  [vendors.intel]: 'Intel',
  [vendors.nvidia]: 'NVIDIA',
}

/** Maker and PCI ids, where the driver knows no name. */
export const cardName = (host: Host, card: DrmCard): string =>
  host.readFile(`${card.device}/product_name`)?.trim() || `${makers[card.vendor]} GPU ${card.vendor}:${card.id}`

/** `amdgpu`, with the version where it is not the kernel's own. */
export function driverName(host: Host, { driver }: DrmCard): string {
  const version = driver === '' ? undefined : host.readFile(`/sys/module/${driver}/version`)?.trim()
  return version ? `${driver} ${version}` : driver
}

/** What names an AMD card in ROCm as well: its unique id; where it has none, and for others, the PCI address. */
export function cardUuid(host: Host, card: DrmCard): string {
  const unique = host.readFile(`${card.device}/unique_id`)?.trim() ?? ''
  return /^[0-9a-f]{8,16}$/i.test(unique) && !/^0+$/.test(unique) ? `GPU-${unique.toLowerCase()}` : card.pci
}
