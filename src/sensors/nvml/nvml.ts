// NVIDIA GPUs through NVML: energy counter (Volta and later), power, temperature, clocks, throttling, memory, PCIe,
// utilisation.
import { absent } from '../../base/absence.ts'
import type { Host } from '../../host/host.ts'
import { localSensor, orClose } from '../local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider } from '../sensor.ts'
import { DeviceGone } from './status.ts'
import { type DeviceOptions, openDevice } from './device.ts'
import { gpuFacts } from './facts.ts'
import { type Gpu, gpusSensor } from './gpus.ts'
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

function openGpus(library: Nvml, options: DeviceOptions): Opened<PolledSensor> {
  const facts = gpuFacts(library)
  // CUDA_VISIBLE_DEVICES hides nothing from NVML: only devices that the container lacks are missing here.
  if (facts.length === 0)
    return absent('the driver shows no GPU', 'check `nvidia-smi -L`; in a container run with --gpus all')
  const gpus: Gpu[] = []
  for (let index = 0; index < library.deviceCount(); index++) {
    const handle = library.device(index)
    if (handle === undefined) continue
    try {
      gpus.push(openDevice(library, handle, library.text('uuid', handle) || `gpu-${index}`, options))
    } catch (error) {
      if (!(error instanceof DeviceGone)) throw error
    }
  }
  if (gpus.every(({ channels }) => channels.length === 0))
    return absent('NVML shows no GPU that can be read', 'check `nvidia-smi -q`')
  const names = [...new Set(facts.map(({ name }) => name || 'a GPU without a name'))].join(', ')
  const { driver } = facts[0]!
  const count = `${facts.length} GPU${facts.length === 1 ? '' : 's'}`
  return {
    ok: true,
    sensor: gpusSensor(gpus, () => void library.call('shutdown')),
    note: `${count}: ${names}${driver ? `, driver ${driver}` : ''}`,
  }
}
