// One GPU: what it gives is decided once by a trial read, and after that only what answered is read. All fields go in one
// call; the rest are calls of their own.
import type { ThrottleReason } from '../../run/throttle-reason.ts'
import type { SampleSink } from '../../run/ports.ts'
import { powerError } from '../../peaks/gpu-power-error.ts'
import { type GpuReading, gpuShape, type Shape } from '../gpu-shapes.ts'
import { Counter, putTotal } from '../unwrapped-counter.ts'
import { byteCounter, fillTime, linkCeiling, mayWrapUnseen } from './pcie-link.ts'
import { bitsOf, fields, fieldValue, memory, memoryOld, readField, returns, scopes, utilization } from './layout.ts'
import type { Gpu } from './gpus.ts'
import type { Nvml, NvmlFunction } from './library.ts'
import { processReadings } from './process.ts'
import type { Readable, Reading } from './readable.ts'
import { succeeded } from './status.ts'
import { clockEventReasons } from './throttle.ts'

interface Field {
  readonly name: string
  readonly id: number
  readonly scope?: number
  readonly scale?: number
  readonly shape: Shape
  readonly wraps?: boolean
  /** Shown as 0 where there is no such sensor. */
  readonly positive?: boolean
}

const seconds = { quantity: 'time', unit: 's', kind: 'counter', scope: 'gpu' } as const
// ±5 % unless a study knows better: see `powerError`.
const energy = { quantity: 'energy', unit: 'J', kind: 'counter', period_ms: 100, grade: 'B', systematic: 0.05 } as const
const watts = { quantity: 'power', unit: 'W', period_ms: 100, grade: 'C', systematic: 0.05 } as const

function wantedFields(instantWindow: number): readonly Field[] {
  const power = (name: string, id: number, scope: number, shape: Shape): Field => ({
    name,
    id,
    scope,
    scale: 1e-3,
    shape,
  })
  const plain = (name: GpuReading, id: number): Field => ({ name, id, shape: gpuShape(name) })
  const lost = (reason: ThrottleReason, id: number): Field => ({
    name: `throttle-${reason}`,
    id,
    scale: 1e-9,
    shape: { ...seconds, throttle: [{ reason }] },
  })
  const instant = { ...watts, kind: 'gauge', window_ms: instantWindow } as const
  const average = { ...watts, kind: 'average', window_ms: 1000 } as const
  return [
    power('energy', fields.totalEnergy, scopes.gpu, { ...energy, scope: 'gpu' }),
    power('power', fields.powerInstant, scopes.gpu, { ...instant, scope: 'gpu' }),
    power('power-average', fields.powerAverage, scopes.gpu, { ...average, scope: 'gpu' }),
    power('module-energy', fields.totalEnergy, scopes.module, { ...energy, scope: 'module' }),
    power('module-power', fields.powerInstant, scopes.module, { ...instant, scope: 'module' }),
    {
      ...power('power-memory', fields.powerInstant, scopes.memory, { ...instant, scope: 'gpu-memory' }),
      positive: true,
    },
    { ...plain('temperature-memory', fields.memoryTemperature), positive: true },
    lost('power', fields.performancePower),
    lost('thermal', fields.performanceThermal),
    lost('board', fields.performanceBoard),
    lost('sw-thermal', fields.softwareThermal),
    lost('hw-thermal', fields.hardwareThermal),
    lost('power-brake', fields.powerBrake),
    { ...plain('pcie-tx', fields.pcieSent), wraps: true },
    { ...plain('pcie-rx', fields.pcieReceived), wraps: true },
  ]
}

/** ms that an instant power covers: GA100 and GH100 average 25 of each 100 ms (arXiv 2312.02741, classes 1 and 2). */
const instantWindow = (name: string): number => (/\b(A100|A800|A30|H100|H200|H800|H20|GH200)\b/.test(name) ? 25 : 100)

export interface DeviceOptions {
  /** One shared cell with the pid of the target. */
  readonly watched?: SharedArrayBuffer
  /** How often it will be read; unknown when left out. */
  readonly hz?: number
}

export function openDevice(nvml: Nvml, device: unknown, uuid: string, options: DeviceOptions = {}): Gpu {
  const { watched, hz } = options
  const most = (key: 'maxPcieGeneration' | 'maxPcieWidth'): number | undefined => {
    const [status, value] = nvml.number(key, device)
    return status === returns.success && value > 0 ? value : undefined
  }
  const ceiling = linkCeiling(most('maxPcieGeneration'), most('maxPcieWidth'))
  const name = nvml.text('name', device)
  const known = new FieldReader(nvml, device, wantedFields(instantWindow(name)), ceiling, hz)
  const readables = [...otherReadings(nvml, device)]
  if (!known.gives('power') && !known.gives('module-power')) readables.unshift(powerReading(nvml, device, name))
  if (watched) readables.push(...processReadings(nvml, device, new Int32Array(watched)))
  const given = readables.filter(({ read, trial }) => trial || read() !== undefined)
  const named = [...known.fields, ...given]
  const whole = named.find(({ name }) => name === 'power' || name === 'module-power')
  return {
    channels: named.map(({ name: reading, shape }) => ({
      ...shape,
      ...(shape.systematic === undefined ? {} : { systematic: powerError(name) }),
      id: `nvml/${uuid}/${reading}`,
      sensor: 'nvml',
      device: uuid,
      // The memory's power is within the GPU's: a sum takes it once.
      ...(reading === 'power-memory' && whole ? { parent: `nvml/${uuid}/${whole.name}` } : {}),
    })),
    lacks: known.unseen.map((field) => ({
      what: `nvml/${uuid}/${field}`,
      reason: `its counter has 32 bits, which this PCIe link fills in ${Math.floor(fillTime(ceiling) * 1e3)} ms: it may wrap unseen between two readings`,
      remedy: 'the sensor gpm gives PCIe rates (Hopper and later), dcgm those of older GPUs',
    })),
    read: (first, at, out) => {
      known.read(first, at, out)
      given.forEach(({ read }, index) => {
        const value = read()
        if (value !== undefined && Number.isFinite(value)) out.put(first + known.fields.length + index, at, value)
      })
    },
  }
}

/** Reads the fields that answered at the trial; its buffer is reused. */
class FieldReader {
  readonly fields: readonly Field[]
  /** Byte counters that are left out because the interval of every reading would be unknown. */
  readonly unseen: readonly string[]
  readonly #nvml: Nvml
  readonly #device: unknown
  readonly #values: Buffer
  readonly #counters: readonly (Counter | undefined)[]

  constructor(nvml: Nvml, device: unknown, wanted: readonly Field[], ceiling: number, hz?: number) {
    this.#nvml = nvml
    this.#device = device
    const trial = request(wanted)
    const answered = succeeded(nvml.call('fields', device, wanted.length, trial))
    const values = wanted.map((_, index) => (answered ? readField(trial, index) : undefined))
    const has = (name: string): boolean => values[wanted.findIndex((field) => field.name === name)] !== undefined
    // Grace Hopper: where the GPU's own scope fails the module's includes the CPU, and is named so.
    const module = !has('power') && !has('power-average')
    const unseen = wanted.filter(
      ({ wraps }, index) =>
        wraps &&
        hz !== undefined &&
        values[index] !== undefined &&
        mayWrapUnseen(ceiling, bitsOf(trial, index), 1 / hz),
    )
    this.unseen = unseen.map(({ name }) => name)
    this.fields = wanted.filter((field, index) => {
      const { name, positive } = field
      const value = values[index]
      if (value === undefined || (positive && value <= 0) || unseen.includes(field)) return false
      if (name === 'module-energy') return module && !has('energy')
      return name !== 'module-power' || module
    })
    this.#values = request(this.fields)
    this.#counters = this.fields.map((field) => {
      if (field.wraps) return byteCounter(ceiling, bitsOf(trial, wanted.indexOf(field)))
      return field.shape.kind === 'counter' ? new Counter({ start: 'shown' }) : undefined
    })
  }

  gives(name: string): boolean {
    return this.fields.some((field) => field.name === name)
  }

  read(first: number, at: number, out: SampleSink): void {
    if (this.fields.length === 0) return
    if (!succeeded(this.#nvml.call('fields', this.#device, this.fields.length, this.#values))) return
    for (let index = 0; index < this.fields.length; index++) {
      const value = readField(this.#values, index)
      if (value === undefined || !Number.isFinite(value) || value < 0) continue
      const { scale = 1 } = this.fields[index]!
      putTotal(this.#counters[index], value, at, (t, total) => out.put(first + index, t, total * scale))
    }
  }
}

function request(wanted: readonly Field[]): Buffer {
  const buffer = Buffer.alloc(wanted.length * fieldValue.size)
  wanted.forEach(({ id, scope = scopes.gpu }, index) => {
    buffer.writeUInt32LE(id, index * fieldValue.size + fieldValue.fieldId)
    buffer.writeUInt32LE(scope, index * fieldValue.size + fieldValue.scopeId)
  })
  return buffer
}

const numberReading =
  (nvml: Nvml, key: NvmlFunction, device: unknown, scale = 1, ...args: unknown[]): Reading =>
  () => {
    const [status, value] = nvml.number(key, device, ...args)
    return succeeded(status) ? value * scale : undefined
  }

const ampere = 7

/**
 * nvmlDeviceGetPowerUsage, for drivers without the fields 185 and 186. nvml.h: averaged over 1 s on Ampere (except GA100)
 * and newer, instantaneous on GA100 and older. Where the driver does not tell the architecture no window is stated.
 */
function powerReading(nvml: Nvml, device: unknown, name: string): Readable {
  const [status, found] = nvml.number('architecture', device)
  const known = status === returns.success && found >= 0 && found < 0xffff_ffff
  const averaged = known && found >= ampere && !/\b(A100|A800|A30)\b/.test(name)
  const shape: Shape = averaged
    ? { ...watts, kind: 'average', scope: 'gpu', window_ms: 1000 }
    : { ...watts, kind: 'gauge', scope: 'gpu', ...(known ? { window_ms: instantWindow(name) } : {}) }
  return { name: 'power', shape, read: numberReading(nvml, 'power', device, 1e-3) }
}

function otherReadings(nvml: Nvml, device: unknown): Readable[] {
  const reading = (name: GpuReading, read: Reading): Readable => ({ name, shape: gpuShape(name), read })
  const number = (name: GpuReading, key: NvmlFunction, ...args: unknown[]): Readable =>
    reading(name, numberReading(nvml, key, device, 1, ...args))
  const rates = Buffer.alloc(utilization.size)
  // One call gives both: the first of the two makes it.
  let answered = false
  const share = (offset: number): number | undefined => (answered ? rates.readUInt32LE(offset) / 100 : undefined)
  return [
    number('temperature', 'temperature', 0),
    number('clock-sm', 'clock', 1),
    number('clock-memory', 'clock', 2),
    {
      name: 'throttle',
      shape: { kind: 'gauge', scope: 'gpu', quantity: 'throttle', unit: '1', throttle: clockEventReasons },
      read: reasonsReading(nvml, device),
    },
    reading('memory-used', memoryReading(nvml, device)),
    reading('utilization', () => {
      answered = succeeded(nvml.call('utilization', device, rates))
      return share(utilization.gpu)
    }),
    reading('utilization-memory', () => share(utilization.memory)),
    number('pcie-generation', 'pcieGeneration'),
    number('pcie-width', 'pcieWidth'),
  ]
}

// Drivers before 535 have only the old name.
function reasonsReading(nvml: Nvml, device: unknown): Reading {
  const missing = nvml.number('reasons', device)[0] !== returns.success
  return () => {
    const [status, mask] = nvml.number(missing ? 'reasonsOld' : 'reasons', device)
    return succeeded(status) ? mask : undefined
  }
}

function memoryReading(nvml: Nvml, device: unknown): Reading {
  const buffer = Buffer.alloc(memory.size)
  buffer.writeUInt32LE(memory.versionTag, memory.version)
  const missing = nvml.call('memory', device, buffer) !== returns.success
  const at = missing ? memoryOld.used : memory.used
  return () =>
    succeeded(nvml.call(missing ? 'memoryOld' : 'memory', device, buffer))
      ? Number(buffer.readBigUInt64LE(at))
      : undefined
}
