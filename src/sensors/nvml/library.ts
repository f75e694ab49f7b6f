// NVML's functions as this sensor needs them, bound once. Says why when the library or a function is missing.
import type { Host } from '../../host/host.ts'
import { returns } from './layout.ts'

export interface Nvml {
  init(): number
  shutdown(): void
  deviceCount(): number
  /** `undefined` when the device cannot be opened. */
  device(index: number): unknown
  name(device: unknown): string
  uuid(device: unknown): string
  fieldValues(device: unknown, count: number, buffer: Buffer): number
  /** mW; `undefined` when not supported. */
  powerUsage(device: unknown): { readonly status: number; readonly milliwatts: number }
  temperature(device: unknown): { readonly status: number; readonly celsius: number }
  clock(device: unknown, type: 0 | 1 | 2): { readonly status: number; readonly mhz: number }
  utilisation(device: unknown, buffer: Buffer): number
}

export type NvmlResult = { readonly ok: true; readonly nvml: Nvml } | { readonly ok: false; readonly reason: string }

const names = (host: Host): readonly string[] => [
  ...(host.env('TAILWATT_NVML') === undefined ? [] : [host.env('TAILWATT_NVML')!]),
  'libnvidia-ml.so.1',
  '/usr/lib/wsl/lib/libnvidia-ml.so.1',
]

const prototypes = {
  init: 'int nvmlInit_v2(void)',
  shutdown: 'int nvmlShutdown(void)',
  count: 'int nvmlDeviceGetCount_v2(_Out_ unsigned int *count)',
  handle: 'int nvmlDeviceGetHandleByIndex_v2(unsigned int index, _Out_ void **device)',
  name: 'int nvmlDeviceGetName(void *device, void *name, unsigned int length)',
  uuid: 'int nvmlDeviceGetUUID(void *device, void *uuid, unsigned int length)',
  fields: 'int nvmlDeviceGetFieldValues(void *device, int count, void *values)',
  power: 'int nvmlDeviceGetPowerUsage(void *device, _Out_ unsigned int *power)',
  temperature: 'int nvmlDeviceGetTemperature(void *device, int sensor, _Out_ unsigned int *temperature)',
  clock: 'int nvmlDeviceGetClockInfo(void *device, int type, _Out_ unsigned int *clock)',
  utilisation: 'int nvmlDeviceGetUtilizationRates(void *device, void *utilisation)',
} as const

export function loadNvml(host: Host): NvmlResult {
  const loaded = host.loadLibrary(names(host))
  if (!loaded.ok) return { ok: false, reason: loaded.reason }
  const bound = new Map<string, (...args: unknown[]) => unknown>()
  for (const [key, prototype] of Object.entries(prototypes)) {
    const fn = loaded.library.bind(prototype)
    if (!fn) return { ok: false, reason: `${loaded.library.path} has no ${prototype.split('(')[0]!.slice(4)}` }
    bound.set(key, fn)
  }
  const call = (key: keyof typeof prototypes, ...args: unknown[]): number => Number(bound.get(key)!(...args))
  const text = (key: 'name' | 'uuid', device: unknown): string => {
    const buffer = Buffer.alloc(128)
    const status = call(key, device, buffer, buffer.length)
    return status === returns.success ? buffer.toString('latin1', 0, buffer.indexOf(0)) : ''
  }
  const number = (key: keyof typeof prototypes, ...args: unknown[]): readonly [number, number] => {
    const cell = [0]
    const status = call(key, ...args, cell)
    return [status, Number(cell[0])]
  }
  return {
    ok: true,
    nvml: {
      init: () => call('init'),
      shutdown: () => void call('shutdown'),
      deviceCount: () => number('count')[1],
      device: (index) => {
        const cell: unknown[] = [null]
        return call('handle', index, cell) === returns.success ? cell[0] : undefined
      },
      name: (device) => text('name', device),
      uuid: (device) => text('uuid', device),
      fieldValues: (device, count, buffer) => call('fields', device, count, buffer),
      powerUsage: (device) => {
        const [status, milliwatts] = number('power', device)
        return { status, milliwatts }
      },
      temperature: (device) => {
        const [status, celsius] = number('temperature', device, 0)
        return { status, celsius }
      },
      clock: (device, type) => {
        const [status, mhz] = number('clock', device, type)
        return { status, mhz }
      },
      utilisation: (device, buffer) => call('utilisation', device, buffer),
    },
  }
}
