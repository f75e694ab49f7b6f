// What people call the thing a channel measures: `CPU 0`, `DRAM 0`, the name of the GPU; never a bare UUID.
import type { Channel } from '../../run/channel.ts'

interface Gpu {
  readonly name: string
  readonly uuid: string
}

/** @example deviceName(channel, document.host.gpus) // 'NVIDIA H100 80GB HBM3' */
export function deviceName(
  { scope, device, id }: Pick<Channel, 'scope' | 'device' | 'id'>,
  gpus: readonly Gpu[],
): string {
  const within = device ?? id
  const number = /package-(\d+(?:-die-\d+)?)/.exec(within)?.[1]
  if (scope === 'package') return number === undefined ? 'CPU' : `CPU ${number.replace('-die-', ' die ')}`
  if (scope === 'dram') return number === undefined ? 'DRAM' : `DRAM ${number}`
  if (scope === 'psys') return 'platform (psys)'
  const gpu = gpuName(within, gpus)
  if (scope === 'module') return `module of ${gpu}`
  return scope === 'gpu' || scope === 'gpu-memory' ? gpu : ownName(within, gpus)
}

/** The name of what may be a GPU; anything else as it is. */
export const ownName = (device: string, gpus: readonly Gpu[]): string =>
  /^(?:GPU|MIG)-/.test(device) || gpus.some(({ uuid }) => uuid === device) ? gpuName(device, gpus) : device

/** Its name, with the beginning of its UUID (or its place on the PCI bus) where several share it. */
export function gpuName(uuid: string, gpus: readonly Gpu[]): string {
  const found = gpus.find((gpu) => gpu.uuid === uuid)
  if (!found) return uuid.startsWith('MIG-') ? `MIG ${shortOf(uuid)}` : `GPU ${shortOf(uuid)}`
  return gpus.filter(({ name }) => name === found.name).length > 1 ? `${found.name} (${shortOf(uuid)})` : found.name
}

const shortOf = (uuid: string): string =>
  /^(?:GPU|MIG)-/.test(uuid) ? uuid.slice(4, 12) : uuid.replace(/^[0-9a-f]{4}:(?=[0-9a-f]{2}:)/, '')
