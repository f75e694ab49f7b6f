// NVML as documented: power and energy refreshed together about every 100 ms, an instant reading that sees a part of that
// time, an average over a second, mJ and mW and whole °C, time throttled in ns; and GPM, between two reads over 100 ms apart.
import { Random } from '../base/random.ts'
import type { Board } from './board.ts'
import { gpmChannels, nvmlChannels, nvmlNames } from './channels.ts'
import { counted, updateBefore, type Source } from './source.ts'
import { batch, sizeIn, sizeOut } from './target.ts'
import type { Sum, Truth } from './truth.ts'

/** The driver's sample period of utilisation, ns (nvml.h: between 1/6 s and 1 s). */
const utilizationPeriod = 1e9 / 6
/** J counted since the driver was loaded, before the run. */
const earlier = 48_213_977.4
/** s throttled before the run. */
const throttledEarlier = 311.27
const gpmGap = 100e6
const idleReason = 0x1
const powerReason = 0x4
const thermalReason = 0x20
/** Context, weights and arenas; weights alone while the first inference has not run. */
const contextBytes = 3.37 * 2 ** 30
const driverBytes = 3 * 2 ** 20

export function nvmlSource(board: Board, truth: Truth): Source {
  const channels = nvmlChannels(board)
  const device = new NvmlDevice(board, truth)
  const readers = nvmlNames(board).map((name) => device.reader(name))
  return {
    channels,
    power: true,
    read: (at, put) =>
      readers.forEach((read, index) => {
        const value = read(at)
        if (value !== undefined) put(index, at, value)
      }),
  }
}

type Reader = (at: number) => number | undefined

class NvmlDevice {
  readonly #board: Board
  readonly #truth: Truth
  /** When the sensor updates, ns; nothing ties it to the run. */
  readonly #phase: number
  readonly #readers: Readonly<Record<string, Reader>>
  #processSeen = 0

  constructor(board: Board, truth: Truth) {
    this.#board = board
    this.#truth = truth
    this.#phase = new Random(board.seed + 6).uniform() * board.gpu.sensor.periodMs * 1e6
    const { clock } = board.gpu
    const throttled =
      (sum: Sum): Reader =>
      (at) =>
        throttledEarlier + truth.sum(sum, at)
    const never: Reader = () => 0
    this.#readers = {
      energy: (at) => earlier + counted(this.#reported('gpu', 0, this.#update(at)), 1e-3),
      power: (at) => this.#mean('gpu', at, board.gpu.sensor.windowMs),
      'power-average': (at) => this.#mean('gpu', at, 1000),
      'power-memory': (at) => this.#mean('gpuMemory', at, board.gpu.sensor.windowMs),
      'temperature-memory': (at) => Math.round(truth.level('memoryTemperature', at)),
      'throttle-power': throttled('powerThrottle'),
      'throttle-thermal': throttled('thermalThrottle'),
      'throttle-board': never,
      'throttle-sw-thermal': throttled('thermalThrottle'),
      'throttle-hw-thermal': never,
      'throttle-power-brake': never,
      temperature: (at) => Math.round(truth.level('gpuTemperature', at)),
      'clock-sm': (at) => truth.level('clock', at),
      'clock-memory': () => clock.memory,
      throttle: (at) => this.#reasons(at),
      'memory-used': (at) => (this.#awake(at) ? contextBytes : driverBytes),
      utilization: (at) => this.#busy(at),
      'utilization-memory': (at) => counted(this.#busy(at) * (board.gpu.activity['dram-utilization'] ?? 0.4), 0.01),
      'pcie-generation': (at) => (this.#awake(at) ? 5 : 1),
      'pcie-width': () => 16,
      'process-utilization': (at) => this.#process(at),
      'process-memory': (at) => (this.#serving(at) ? contextBytes - driverBytes : undefined),
    }
  }

  reader(name: string): Reader {
    return this.#readers[name]!
  }

  #update(at: number): number {
    return updateBefore(at, this.#board.gpu.sensor.periodMs * 1e6, this.#phase)
  }

  /** J as the sensor's gain and offset make them. */
  #reported(sum: 'gpu' | 'gpuMemory', from: number, to: number): number {
    const { gain, offset } = this.#board.gpu.sensor
    const joules = gain * this.#truth.between(sum, from, to)
    return sum === 'gpu' ? joules + (offset * (to - from)) / 1e9 : joules
  }

  #mean(sum: 'gpu' | 'gpuMemory', at: number, windowMs: number): number {
    const to = this.#update(at)
    const from = Math.max(0, to - windowMs * 1e6)
    return counted(this.#reported(sum, from, to) / ((to - from) / 1e9), 1e-3)
  }

  #reasons(at: number): number {
    if (!this.#awake(at)) return idleReason
    const since = at - 1e6
    if (this.#truth.between('thermalThrottle', since, at) > 0) return thermalReason
    return this.#truth.between('powerThrottle', since, at) > 0 ? powerReason : 0
  }

  #awake(at: number): boolean {
    return this.#truth.level('clock', at) > this.#board.gpu.clock.idle
  }

  #serving(at: number): boolean {
    return at >= this.#truth.schedule.loadFrom && at <= this.#truth.loadTo
  }

  /** Whole percent. */
  #busy(at: number): number {
    const to = updateBefore(at, utilizationPeriod, this.#phase)
    const from = Math.max(0, to - utilizationPeriod)
    return Math.min(1, Math.round((100 * this.#truth.between('gpuBusy', from, to) * 1e9) / (to - from)) / 100)
  }

  // Only a sample that is newer than the last one is a reading.
  #process(at: number): number | undefined {
    const update = updateBefore(at, utilizationPeriod, this.#phase)
    if (!this.#serving(update) || update <= this.#processSeen) return undefined
    this.#processSeen = update
    return this.#busy(at)
  }
}

export function gpmSource(board: Board, truth: Truth): Source {
  const channels = gpmChannels(board)
  const activities = Object.values(board.gpu.activity)
  let taken: number | undefined
  return {
    channels,
    power: false,
    read: (at, put) => {
      if (channels.length === 0 || (taken !== undefined && at - taken <= gpmGap)) return
      const from = taken
      taken = at
      if (from === undefined) return
      const busy = (truth.between('gpuBusy', from, at) * 1e9) / (at - from)
      activities.forEach((share, index) => put(index, at, counted(busy * share, 1e-4)))
      const perSecond = answers(truth, from, at) / ((at - from) / 1e9)
      // Headers and control traffic on top of the tensors.
      put(activities.length, at, perSecond * sizeOut * 1.06 + 2e6)
      put(activities.length + 1, at, perSecond * sizeIn * 1.06 + batch * 1e5)
    },
  }
}

/** Requests that ended within. */
function answers({ requests: { done } }: Truth, from: number, to: number): number {
  let low = 0
  let high = done.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (done[middle]! <= from) low = middle + 1
    else high = middle
  }
  let count = 0
  for (let i = low; i < done.length && done[i]! <= to; i++) count++
  return count
}
