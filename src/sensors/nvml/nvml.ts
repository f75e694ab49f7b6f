// NVIDIA GPUs through NVML: energy counter (Volta and later), instant power, temperature, clocks, utilisation. A GPU
// that is lost in mid-run ends its own channels; the others go on.
import type { Channel } from '../../run/channel.ts'
import type { SampleSink } from '../../run/ports.ts'
import type { Host } from '../../host/host.ts'
import type { PolledSensor, Probe, SensorProvider } from '../sensor.ts'
import { fields, fieldValue, readField, returns, utilisation } from './layout.ts'
import { loadNvml, type Nvml } from './library.ts'

const gives = 'energy, power, temperature, clocks and utilisation of NVIDIA GPUs (grades B and C)'
const perDevice = 6

export const nvml: SensorProvider = {
  id: 'nvml',
  summary: 'NVIDIA GPUs (NVML)',
  probe: async (host) => probe(host),
  open: async (host) => openNvml(host),
}

function probe(host: Host): Probe {
  const no = (reason: string, remedy: string): Probe => ({ ok: false, gives, reason, remedy })
  const loaded = loadNvml(host)
  if (!loaded.ok) {
    const driver = host.exists('/proc/driver/nvidia/version')
    return driver
      ? no(loaded.reason, 'install the driver’s libnvidia-ml (in a container: run with --gpus all)')
      : no('there is no NVIDIA driver on this host', 'nothing to do without an NVIDIA GPU; else install its driver')
  }
  const status = loaded.nvml.init()
  if (status !== returns.success) {
    return no(
      status === returns.driverNotLoaded ? 'the NVIDIA driver is not loaded' : `nvmlInit failed with ${status}`,
      'check `nvidia-smi`; in a container run with --gpus all',
    )
  }
  const count = loaded.nvml.deviceCount()
  loaded.nvml.shutdown()
  return count === 0
    ? no('the driver shows no GPU', 'check CUDA_VISIBLE_DEVICES and the container’s devices')
    : { ok: true, gives, note: `${count} GPU${count === 1 ? '' : 's'}` }
}

interface Gpu {
  readonly device: unknown
  readonly uuid: string
  alive: boolean
}

export function openNvml(host: Host): PolledSensor {
  const loaded = loadNvml(host)
  if (!loaded.ok) throw new Error(loaded.reason)
  const library = loaded.nvml
  if (library.init() !== returns.success) throw new Error('nvmlInit failed')
  const gpus: Gpu[] = []
  for (let index = 0; index < library.deviceCount(); index++) {
    const device = library.device(index)
    if (device !== undefined) gpus.push({ device, uuid: library.uuid(device) || `gpu-${index}`, alive: true })
  }
  if (gpus.length === 0) throw new Error('NVML shows no GPU that can be opened')
  const reader = new DeviceReader(library)
  return {
    channels: gpus.flatMap((gpu) => channelsOf(gpu.uuid)),
    read: (at, out) => {
      gpus.forEach((gpu, index) => {
        if (gpu.alive && !reader.read(gpu.device, index * perDevice, at, out)) gpu.alive = false
      })
      return gpus.some((gpu) => gpu.alive) ? 'ok' : 'ended'
    },
    close: () => library.shutdown(),
  }
}

/** Reads one device a call; its buffers are reused. */
class DeviceReader {
  readonly #nvml: Nvml
  readonly #values = Buffer.alloc(2 * fieldValue.size)
  readonly #rates = Buffer.alloc(utilisation.size)

  constructor(library: Nvml) {
    this.#nvml = library
    this.#values.writeUInt32LE(fields.totalEnergy, fieldValue.fieldId)
    this.#values.writeUInt32LE(fields.powerInstant, fieldValue.size + fieldValue.fieldId)
  }

  /** False when the device is gone for good. */
  read(device: unknown, first: number, at: number, out: SampleSink): boolean {
    const status = this.#nvml.fieldValues(device, 2, this.#values)
    if (gone(status)) return false
    const energy = status === returns.success ? readField(this.#values, 0) : undefined
    const instant = status === returns.success ? readField(this.#values, 1) : undefined
    if (energy !== undefined) out.put(first, at, energy / 1e3)
    if (instant !== undefined) out.put(first + 1, at, instant / 1e3)
    else {
      const power = this.#nvml.powerUsage(device)
      if (gone(power.status)) return false
      if (power.status === returns.success) out.put(first + 1, at, power.milliwatts / 1e3)
    }
    const temperature = this.#nvml.temperature(device)
    if (gone(temperature.status)) return false
    if (temperature.status === returns.success) out.put(first + 2, at, temperature.celsius)
    for (const [offset, type] of [
      [3, 1],
      [4, 2],
    ] as const) {
      const clock = this.#nvml.clock(device, type)
      if (clock.status === returns.success) out.put(first + offset, at, clock.mhz)
    }
    if (this.#nvml.utilisation(device, this.#rates) === returns.success)
      out.put(first + 5, at, this.#rates.readUInt32LE(utilisation.gpu) / 100)
    return true
  }
}

const gone = (status: number): boolean => status === returns.gpuIsLost || status === returns.resetRequired

// The order is that of the offsets above.
function channelsOf(uuid: string): readonly Channel[] {
  const base = { sensor: 'nvml', scope: 'gpu', device: uuid } as const
  return [
    { ...base, id: `nvml/${uuid}/energy`, quantity: 'energy', unit: 'J', kind: 'counter', period_ms: 100, grade: 'B' },
    {
      ...base,
      id: `nvml/${uuid}/power`,
      quantity: 'power',
      unit: 'W',
      kind: 'gauge',
      period_ms: 100,
      grade: 'C',
      systematic: 0.05,
    },
    { ...base, id: `nvml/${uuid}/temperature`, quantity: 'temperature', unit: 'degC', kind: 'gauge' },
    { ...base, id: `nvml/${uuid}/clock-sm`, quantity: 'clock', unit: 'MHz', kind: 'gauge' },
    { ...base, id: `nvml/${uuid}/clock-memory`, quantity: 'clock', unit: 'MHz', kind: 'gauge' },
    { ...base, id: `nvml/${uuid}/utilisation`, quantity: 'utilisation', unit: 'ratio', kind: 'average' },
  ]
}
