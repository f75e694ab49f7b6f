// NVIDIA GPUs through NVML: energy counter (Volta and later), power, temperature, clocks, throttling,
// memory, PCIe, utilisation. A GPU
// that is lost in mid-run ends its own channels; the others go on.
import { absent } from '../../base/absence.ts'
import type { Host } from '../../host/host.ts'
import { localSensor, orClose } from '../local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider } from '../sensor.ts'
import { DeviceGone } from './status.ts'
import { type Device, type DeviceOptions, openDevice } from './device.ts'
import { gpuFacts } from './facts.ts'
import { returns } from './layout.ts'
import { libraryAbsence, loadNvml, type Nvml } from './library.ts'

export const nvml: SensorProvider = localSensor<DeviceOptions>({
  id: 'nvml',
  summary: 'NVIDIA GPUs (NVML)',
  gives: {
    text: 'energy, power, temperature, clocks, throttling and utilisation of NVIDIA GPUs (grades B and C)',
    what: 'gpu_w',
  },
  open: (host, options) => openNvml(host, options),
})

export function openNvml(host: Host, options: DeviceOptions = {}): Opened<PolledSensor> {
  const loaded = loadNvml(host)
  if (!loaded.ok) return libraryAbsence(host, loaded)
  const library = loaded.nvml
  const status = library.call('init')
  if (status !== returns.success)
    return absent(
      status === returns.driverNotLoaded ? 'the NVIDIA driver is not loaded' : `nvmlInit failed with ${status}`,
      'check `nvidia-smi`; in a container run with --gpus all',
    )
  return orClose(
    () => void library.call('shutdown'),
    () => openGpus(library, options),
  )
}

interface Gpu {
  readonly device: Device
  /** Its first channel among all. */
  readonly first: number
  alive: boolean
}

function openGpus(library: Nvml, options: DeviceOptions): Opened<PolledSensor> {
  const facts = gpuFacts(library)
  // CUDA_VISIBLE_DEVICES hides nothing from NVML: only devices that the container lacks are missing here.
  if (facts.length === 0)
    return absent('the driver shows no GPU', 'check `nvidia-smi -L`; in a container run with --gpus all')
  const gpus: Gpu[] = []
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
  if (first === 0) return absent('NVML shows no GPU that can be read', 'check `nvidia-smi -q`')
  const names = [...new Set(facts.map(({ name }) => name || 'a GPU without a name'))].join(', ')
  const { driver } = facts[0]!
  const count = `${facts.length} GPU${facts.length === 1 ? '' : 's'}`
  return {
    ok: true,
    sensor: sensorOf(library, gpus),
    note: `${count}: ${names}${driver ? `, driver ${driver}` : ''}`,
  }
}

const sensorOf = (library: Nvml, gpus: readonly Gpu[]): PolledSensor => ({
  channels: gpus.flatMap(({ device }) => device.channels),
  lacks: gpus.flatMap(({ device }) => device.lacks),
  read: (at, out) => {
    for (const gpu of gpus) if (gpu.alive && !gpu.device.read(gpu.first, at, out)) gpu.alive = false
    return gpus.some(({ alive }) => alive) ? 'ok' : 'ended'
  },
  close: () => void library.call('shutdown'),
})
