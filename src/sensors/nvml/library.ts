// NVML's functions as this sensor needs them, bound once. Says why when the library or a function is missing.
import { absent, type Absent } from '../../base/absence.ts'
import type { Host } from '../../host/host.ts'
import { returns } from './layout.ts'

export interface Nvml {
  /** The status; 13 (function not found) where this driver has no such symbol. */
  call(key: NvmlFunction, ...args: unknown[]): number
  /** Status and the number that the function gives in its last argument. */
  number(key: NvmlFunction, ...args: unknown[]): readonly [number, number]
  deviceCount(): number
  /** `undefined` when the device cannot be opened. */
  device(index: number): unknown
  /** The MIG device of that index; `undefined` when there is none. */
  migDevice(device: unknown, index: number): unknown
  /** Of the device, or (`driver`) of the system; empty where it is not said. */
  text(key: 'name' | 'uuid' | 'driver', device?: unknown): string
}

interface NvmlAbsence {
  /** Why no library can be loaded, or `no-function`: it lacks one that is needed. */
  readonly code: 'no-loader' | 'no-library' | 'no-function'
  readonly reason: string
}

export type NvmlResult = { readonly ok: true; readonly nvml: Nvml } | ({ readonly ok: false } & NvmlAbsence)

/** Why there is no library, and what to do: a machine without NVIDIA's driver is not one whose driver lacks a part. */
export function libraryAbsence(host: Host, { code, reason }: NvmlAbsence): Absent {
  if (code === 'no-loader') return absent(reason, 'npm install koffi')
  return host.exists('/proc/driver/nvidia/version')
    ? absent(reason, 'install the driver’s libnvidia-ml (in a container: run with --gpus all)')
    : absent('there is no NVIDIA driver on this host', 'nothing to do without an NVIDIA GPU; else install its driver')
}

const names = (host: Host): readonly string[] => [
  ...(host.env('TAILWATT_NVML') === undefined ? [] : [host.env('TAILWATT_NVML')!]),
  'libnvidia-ml.so.1',
  '/usr/lib/wsl/lib/libnvidia-ml.so.1',
]

const required = {
  init: 'int nvmlInit_v2(void)',
  shutdown: 'int nvmlShutdown(void)',
  count: 'int nvmlDeviceGetCount_v2(_Out_ unsigned int *count)',
  handle: 'int nvmlDeviceGetHandleByIndex_v2(unsigned int index, _Out_ void **device)',
} as const

// GPM samples are opaque pointers that also go into a structure of ours: as 64-bit integers they can be written there, and
// both ABIs (x86-64, AArch64) pass them as they pass pointers.
const optional = {
  name: 'int nvmlDeviceGetName(void *device, void *name, unsigned int length)',
  uuid: 'int nvmlDeviceGetUUID(void *device, void *uuid, unsigned int length)',
  driver: 'int nvmlSystemGetDriverVersion(void *version, unsigned int length)',
  architecture: 'int nvmlDeviceGetArchitecture(void *device, _Out_ unsigned int *architecture)',
  fields: 'int nvmlDeviceGetFieldValues(void *device, int count, void *values)',
  power: 'int nvmlDeviceGetPowerUsage(void *device, _Out_ unsigned int *power)',
  temperature: 'int nvmlDeviceGetTemperature(void *device, int sensor, _Out_ unsigned int *temperature)',
  clock: 'int nvmlDeviceGetClockInfo(void *device, int type, _Out_ unsigned int *clock)',
  utilization: 'int nvmlDeviceGetUtilizationRates(void *device, void *utilization)',
  reasons: 'int nvmlDeviceGetCurrentClocksEventReasons(void *device, _Out_ unsigned long long *reasons)',
  reasonsOld: 'int nvmlDeviceGetCurrentClocksThrottleReasons(void *device, _Out_ unsigned long long *reasons)',
  memory: 'int nvmlDeviceGetMemoryInfo_v2(void *device, void *memory)',
  memoryOld: 'int nvmlDeviceGetMemoryInfo(void *device, void *memory)',
  pcieGeneration: 'int nvmlDeviceGetCurrPcieLinkGeneration(void *device, _Out_ unsigned int *generation)',
  pcieWidth: 'int nvmlDeviceGetCurrPcieLinkWidth(void *device, _Out_ unsigned int *width)',
  maxPcieGeneration: 'int nvmlDeviceGetMaxPcieLinkGeneration(void *device, _Out_ unsigned int *generation)',
  maxPcieWidth: 'int nvmlDeviceGetMaxPcieLinkWidth(void *device, _Out_ unsigned int *width)',
  computeCapability: 'int nvmlDeviceGetCudaComputeCapability(void *device, _Out_ int *major, _Out_ int *minor)',
  powerLimit: 'int nvmlDeviceGetEnforcedPowerLimit(void *device, _Out_ unsigned int *limit)',
  maxClock: 'int nvmlDeviceGetMaxClockInfo(void *device, int type, _Out_ unsigned int *clock)',
  busWidth: 'int nvmlDeviceGetMemoryBusWidth(void *device, _Out_ unsigned int *bits)',
  mig: 'int nvmlDeviceGetMigMode(void *device, _Out_ unsigned int *current, _Out_ unsigned int *pending)',
  migCount: 'int nvmlDeviceGetMaxMigDeviceCount(void *device, _Out_ unsigned int *count)',
  migDevice: 'int nvmlDeviceGetMigDeviceHandleByIndex(void *device, unsigned int index, _Out_ void **mig)',
  gpuInstance: 'int nvmlDeviceGetGpuInstanceId(void *mig, _Out_ unsigned int *id)',
  ecc: 'int nvmlDeviceGetEccMode(void *device, _Out_ int *current, _Out_ int *pending)',
  persistence: 'int nvmlDeviceGetPersistenceMode(void *device, _Out_ int *mode)',
  processUtilization:
    'int nvmlDeviceGetProcessUtilization(void *device, void *samples, _Inout_ unsigned int *count, unsigned long long since)',
  processes: 'int nvmlDeviceGetComputeRunningProcesses_v3(void *device, _Inout_ unsigned int *count, void *processes)',
  gpmSupport: 'int nvmlGpmQueryDeviceSupport(void *device, void *support)',
  gpmAlloc: 'int nvmlGpmSampleAlloc(_Out_ unsigned long long *sample)',
  gpmSample: 'int nvmlGpmSampleGet(void *device, unsigned long long sample)',
  gpmMigSample: 'int nvmlGpmMigSampleGet(void *device, unsigned int instance, unsigned long long sample)',
  gpmMetrics: 'int nvmlGpmMetricsGet(void *metrics)',
  gpmFree: 'int nvmlGpmSampleFree(unsigned long long sample)',
} as const

export type NvmlFunction = keyof typeof required | keyof typeof optional

export function loadNvml(host: Host): NvmlResult {
  const loaded = host.loadLibrary(names(host))
  if (!loaded.ok) return loaded
  const bound = new Map<string, (...args: unknown[]) => unknown>()
  for (const [key, prototype] of Object.entries({ ...required, ...optional })) {
    const fn = loaded.library.bind(prototype)
    if (fn) bound.set(key, fn)
    else if (key in required)
      return {
        ok: false,
        code: 'no-function',
        reason: `${loaded.library.path} has no ${prototype.split('(')[0]!.slice(4)}`,
      }
  }
  const call = (key: NvmlFunction, ...args: unknown[]): number => {
    const fn = bound.get(key)
    return fn ? Number(fn(...args)) : returns.functionNotFound
  }
  const number = (key: NvmlFunction, ...args: unknown[]): readonly [number, number] => {
    const cell = [0]
    const status = call(key, ...args, cell)
    return [status, Number(cell[0])]
  }
  const handle = (key: NvmlFunction, ...args: unknown[]): unknown => {
    const cell: unknown[] = [null]
    return call(key, ...args, cell) === returns.success ? cell[0] : undefined
  }
  return {
    ok: true,
    nvml: {
      call,
      number,
      deviceCount: () => number('count')[1],
      device: (index) => handle('handle', index),
      migDevice: (device, index) => handle('migDevice', device, index),
      text: (key, device) => {
        const buffer = Buffer.alloc(128)
        const into = [buffer, buffer.length]
        const status = key === 'driver' ? call(key, ...into) : call(key, device, ...into)
        return status === returns.success ? buffer.toString('latin1', 0, buffer.indexOf(0)) : ''
      },
    },
  }
}
