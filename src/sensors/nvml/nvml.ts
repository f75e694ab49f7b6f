// NVIDIA GPUs through NVML: energy counter (Volta and later), power, temperature, clocks, throttling,
// memory, PCIe, utilisation. A GPU
// that is lost in mid-run ends its own channels; the others go on.
import type { Host } from '../../host/host.ts'
import type { PolledSensor, Probe, SensorProvider } from '../sensor.ts'
import { DeviceGone } from './status.ts'
import { type Device, type DeviceOptions, openDevice } from './device.ts'
import { gpuFacts } from './facts.ts'
import { returns } from './layout.ts'
import { libraryAbsence, loadNvml } from './library.ts'

const gives = 'energy, power, temperature, clocks, throttling and utilisation of NVIDIA GPUs (grades B and C)'

export const nvml: SensorProvider = {
  id: 'nvml',
  summary: 'NVIDIA GPUs (NVML)',
  probe: async (host) => probe(host),
  open: async (host, options) => openNvml(host, options as DeviceOptions | undefined),
}

function probe(host: Host): Probe {
  const no = (reason: string, remedy: string): Probe => ({ ok: false, gives, reason, remedy })
  const loaded = loadNvml(host)
  if (!loaded.ok) return { ok: false, gives, ...libraryAbsence(host, loaded) }
  const status = loaded.nvml.call('init')
  if (status !== returns.success) {
    return no(
      status === returns.driverNotLoaded ? 'the NVIDIA driver is not loaded' : `nvmlInit failed with ${status}`,
      'check `nvidia-smi`; in a container run with --gpus all',
    )
  }
  const facts = gpuFacts(loaded.nvml)
  loaded.nvml.call('shutdown')
  // CUDA_VISIBLE_DEVICES hides nothing from NVML: only devices that the container lacks are missing here.
  if (facts.length === 0)
    return no('the driver shows no GPU', 'check `nvidia-smi -L`; in a container run with --gpus all')
  const names = [...new Set(facts.map(({ name }) => name || 'a GPU without a name'))].join(', ')
  const { driver } = facts[0]!
  const count = `${facts.length} GPU${facts.length === 1 ? '' : 's'}`
  return { ok: true, gives, note: `${count}: ${names}${driver ? `, driver ${driver}` : ''}` }
}

export function openNvml(host: Host, options: DeviceOptions = {}): PolledSensor {
  const loaded = loadNvml(host)
  if (!loaded.ok) throw new Error(loaded.reason)
  const library = loaded.nvml
  if (library.call('init') !== returns.success) throw new Error('nvmlInit failed')
  const gpus: { readonly device: Device; readonly first: number; alive: boolean }[] = []
  let first = 0
  for (let index = 0; index < library.deviceCount(); index++) {
    const handle = library.device(index)
    if (handle === undefined) continue
    try {
      const device = openDevice(library, handle, library.text('uuid', handle) || `gpu-${index}`, options)
      gpus.push({ device, first, alive: true })
      first += device.channels.length
    } catch (error) {
      if (!(error instanceof DeviceGone)) throw error
    }
  }
  if (first === 0) {
    library.call('shutdown')
    throw new Error('NVML shows no GPU that can be read')
  }
  return {
    channels: gpus.flatMap(({ device }) => device.channels),
    lacks: gpus.flatMap(({ device }) => device.lacks),
    read: (at, out) => {
      for (const gpu of gpus) if (gpu.alive && !gpu.device.read(gpu.first, at, out)) gpu.alive = false
      return gpus.some(({ alive }) => alive) ? 'ok' : 'ended'
    },
    close: () => void library.call('shutdown'),
  }
}
