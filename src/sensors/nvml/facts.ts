// What NVML knows of each GPU that does not change in a run: identity, limits, link and modes. Read once; each is `null`
// where this GPU or driver does not say.
import type { Host } from '../../host/host.ts'
import { memory, memoryOld, returns } from './layout.ts'
import { loadNvml, type Nvml, type NvmlFunction } from './library.ts'

export interface GpuFacts {
  readonly uuid: string
  readonly name: string
  readonly driver: string
  /** NVIDIA's name of the generation, e.g. `Hopper`. */
  readonly architecture: string | null
  /** CUDA compute capability, e.g. `9.0`. */
  readonly compute_capability: string | null
  /** Enforced power limit. */
  readonly power_limit_w: number | null
  readonly max_clock_sm_mhz: number | null
  readonly max_clock_memory_mhz: number | null
  readonly memory_bytes: number | null
  readonly memory_bus_bits: number | null
  /** Most that GPU and slot can do; an idle GPU runs its link slower. */
  readonly max_pcie_generation: number | null
  readonly max_pcie_lanes: number | null
  readonly mig: boolean | null
  readonly ecc: boolean | null
  readonly persistence: boolean | null
}

/** nvmlDeviceArchitecture_t */
const architectures: Readonly<Record<number, string>> = {
  2: 'Kepler',
  3: 'Maxwell',
  4: 'Pascal',
  5: 'Volta',
  6: 'Turing',
  7: 'Ampere',
  8: 'Ada',
  9: 'Hopper',
  10: 'Blackwell',
}

/** Facts of every GPU that NVML opens, in its order (that of the PCI bus, not CUDA's); empty without NVML. */
export function nvidiaGpus(host: Host): readonly GpuFacts[] {
  const loaded = loadNvml(host)
  if (!loaded.ok || loaded.nvml.call('init') !== returns.success) return []
  try {
    return gpuFacts(loaded.nvml)
  } finally {
    loaded.nvml.call('shutdown')
  }
}

/** @param nvml initialised */
export function gpuFacts(nvml: Nvml): readonly GpuFacts[] {
  const driver = nvml.text('driver')
  return Array.from({ length: nvml.deviceCount() }, (_, index) => nvml.device(index))
    .map((device, index) => (device === undefined ? undefined : factsOf(nvml, device, index, driver)))
    .filter((facts) => facts !== undefined)
}

function factsOf(nvml: Nvml, device: unknown, index: number, driver: string): GpuFacts {
  const number = (key: NvmlFunction, ...args: unknown[]): number | null => {
    const [status, value] = nvml.number(key, device, ...args)
    return status === returns.success ? value : null
  }
  const mode = (value: number | null): boolean | null => (value === null ? null : value !== 0)
  const pair = (key: NvmlFunction): readonly [number, number] | null => {
    const [first, second] = [[0], [0]]
    return nvml.call(key, device, first, second) === returns.success ? [Number(first[0]), Number(second[0])] : null
  }
  const milliwatts = number('powerLimit')
  return {
    uuid: nvml.text('uuid', device) || `gpu-${index}`,
    name: nvml.text('name', device),
    driver,
    architecture: architectures[number('architecture') ?? -1] ?? null,
    compute_capability: pair('computeCapability')?.join('.') ?? null,
    power_limit_w: milliwatts === null ? null : milliwatts / 1e3,
    max_clock_sm_mhz: number('maxClock', 1),
    max_clock_memory_mhz: number('maxClock', 2),
    memory_bytes: memoryTotal(nvml, device),
    memory_bus_bits: number('busWidth'),
    max_pcie_generation: number('maxPcieGeneration'),
    max_pcie_lanes: number('maxPcieWidth'),
    mig: mode(pair('mig')?.[0] ?? null),
    ecc: mode(pair('ecc')?.[0] ?? null),
    persistence: mode(number('persistence')),
  }
}

function memoryTotal(nvml: Nvml, device: unknown): number | null {
  const buffer = Buffer.alloc(memory.size)
  buffer.writeUInt32LE(memory.versionTag, memory.version)
  if (nvml.call('memory', device, buffer) === returns.success) return Number(buffer.readBigUInt64LE(memory.total))
  return nvml.call('memoryOld', device, buffer) === returns.success
    ? Number(buffer.readBigUInt64LE(memoryOld.total))
    : null
}
