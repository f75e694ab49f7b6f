// The whole machine of a demo run, stepped through time: service, GPU, processors, memory, and the supply whose losses the
// meter at the wall sees. All of the server is invented; it resembles a two-socket machine with 112 cores.
import { Random } from '../base/random.ts'
import type { Board } from './board.ts'
import { Gpu } from './gpu.ts'
import { scheduleOf, trialEnd, type Schedule } from './schedule.ts'
import { Service, type Taken } from './service.ts'
import { levels, step, sums, Truth, type Level, type Sum } from './truth.ts'

const inlet = 30
/** W of a processor package with nothing to do, and for each core that works. */
const packageIdle = [88, 79] as const
const perCore = 10.5
const dramIdle = [13.5, 11.8] as const
const dramPerCore = 1.9
/** Losses of the voltage regulators, share of what they give. */
const regulators = 0.08
/** Board, network, disks, BMC; and the fans at full airflow, whose power goes with its cube. */
const boardWatts = 38
const fanWatts = 64
/** CPUs' worth of time: the operating system's, tailwatt's, of the engine's other threads while it serves. */
const systemCores = 0.34
const ownCores = 0.045
const sideCores = 0.12

/** What the supply itself turns into heat at an output, W: fixed, in proportion, and with the square. */
const supplyLoss = (watts: number): number => 15 + 0.026 * watts + 1.15e-5 * watts ** 2

/** Runs the machine of a board from begin to end. The same board gives the same truth. */
export function simulate(board: Board): Truth {
  const schedule = scheduleOf(board.service.seconds)
  const service = new Service(board.service, schedule.loadFrom, board.seed)
  const record = new Recorder()
  const machine = new Machine(board, schedule, service, record)
  let ends = Number.POSITIVE_INFINITY
  for (let t = 0; t < ends; t += step) {
    machine.step(t)
    if (ends === Number.POSITIVE_INFINITY && service.ended)
      ends = t + schedule.settle + schedule.idle + schedule.tail + 1e9
  }
  return new Truth(schedule, service.rows, record.sums, record.levels)
}

class Recorder {
  readonly #sums: Record<Sum, number[]>
  readonly #levels: Record<Level, number[]>

  constructor() {
    this.#sums = Object.fromEntries(sums.map((name) => [name, [0]])) as Record<Sum, number[]>
    this.#levels = Object.fromEntries(levels.map((name) => [name, [] as number[]])) as Record<Level, number[]>
  }

  add(name: Sum, amount: number): void {
    const values = this.#sums[name]
    values.push(values.at(-1)! + amount)
  }

  level(name: Level, value: number): void {
    this.#levels[name].push(value)
  }

  get sums(): Record<Sum, Float64Array> {
    return mapped(this.#sums)
  }

  get levels(): Record<Level, Float64Array> {
    return mapped(this.#levels)
  }
}

const mapped = <Name extends string>(lists: Record<Name, number[]>): Record<Name, Float64Array> =>
  Object.fromEntries(Object.entries<number[]>(lists).map(([name, list]) => [name, Float64Array.from(list)])) as Record<
    Name,
    Float64Array
  >

/** A value that wanders about 0 (Ornstein–Uhlenbeck), standard deviation 1. */
class Wander {
  readonly #keep: number
  readonly #random: Random
  #value = 0

  constructor(random: Random, scale: number) {
    this.#random = random
    this.#keep = Math.exp(-step / scale)
  }

  next(): number {
    this.#value = this.#value * this.#keep + Math.sqrt(1 - this.#keep ** 2) * this.#random.normal()
    return this.#value
  }
}

class Machine {
  readonly #board: Board
  readonly #schedule: Schedule
  readonly #service: Service
  readonly #record: Recorder
  readonly #gpu: Gpu
  readonly #kernels: Wander
  readonly #system: Wander
  readonly #packages: readonly Wander[]
  readonly #taken: Taken = { gpu: 0, host: 0 }
  readonly #temperatures = [44, 42]

  constructor(board: Board, schedule: Schedule, service: Service, record: Recorder) {
    this.#board = board
    this.#schedule = schedule
    this.#service = service
    this.#record = record
    this.#gpu = new Gpu(board.gpu, inlet)
    const random = new Random(board.seed + 2)
    this.#kernels = new Wander(random, 3e6)
    this.#system = new Wander(random, 400e6)
    this.#packages = [new Wander(random, 50e6), new Wander(random, 50e6)]
  }

  step(t: number): void {
    this.#service.step(t, t + step, this.#gpu.speed, this.#taken)
    const start = coldActivity(this.#schedule, t)
    const airflow = this.#airflow(t)
    const busy = Math.min(1, this.#taken.gpu / step + start.gpu)
    const { watts, memoryWatts } = this.#gpu.step(t, step, {
      awake: start.context || (t >= this.#schedule.loadFrom && !this.#service.ended),
      busy,
      noise: Math.max(0.6, 1 + 0.07 * this.#kernels.next()),
      inlet,
      airflow,
    })
    const serving = this.#taken.host / step
    const target = serving * (1 + sideCores) + start.cores
    const system = Math.max(0.05, systemCores * (1 + 0.35 * this.#system.next()))
    const host = this.#processors(target, system + ownCores)
    const psys = host * (1 + regulators) + boardWatts + fanWatts * airflow ** 3
    const output = psys + watts
    this.#put('gpu', watts)
    this.#put('gpuMemory', memoryWatts)
    this.#put('psys', psys)
    this.#put('wall', output + supplyLoss(output))
    this.#put('gpuBusy', busy)
    this.#put('thermalThrottle', this.#gpu.held === 'thermal' ? 1 : 0)
    this.#put('powerThrottle', this.#gpu.held === 'power' ? 1 : 0)
    this.#put('hostCpu', target + system + ownCores)
    this.#put('targetCpu', target)
    this.#put('selfCpu', ownCores)
    this.#record.level('clock', this.#gpu.clock)
    this.#record.level('gpuTemperature', this.#gpu.temperature)
    this.#record.level('memoryTemperature', this.#gpu.memoryTemperature)
  }

  /** Packages and their memory; gives the watts of all. */
  #processors(target: number, others: number): number {
    let all = 0
    // The target runs on the socket that its GPU hangs on.
    const cores = [target + 0.6 * others, 0.4 * others]
    for (const socket of [0, 1] as const) {
      const temperature = this.#temperatures[socket]!
      const watts =
        packageIdle[socket] +
        perCore * cores[socket]! +
        0.25 * (temperature - 40) +
        1.1 * this.#packages[socket]!.next()
      const dram = dramIdle[socket] + dramPerCore * cores[socket]!
      this.#temperatures[socket]! += ((inlet + 0.165 * watts - temperature) / 8) * (step / 1e9)
      this.#put(`package${socket}`, watts)
      this.#put(`dram${socket}`, dram)
      this.#record.level(`package${socket}Temperature`, temperature)
      all += watts + dram
    }
    return all
  }

  #airflow(t: number): number {
    const since = (t - this.#schedule.loadFrom) / 1e9
    return this.#board.airflow.findLast(([from]) => since >= from)?.[1] ?? 1
  }

  /** A power (W) or a share of time: both add up over seconds. */
  #put(name: Sum, rate: number): void {
    this.#record.add(name, rate * (step / 1e9))
  }
}

/** What starting the engine does: a core while it loads, the GPU a little while weights go there and kernels are tried. */
function coldActivity(
  { trials, loadFrom }: Schedule,
  t: number,
): { readonly gpu: number; readonly cores: number; readonly context: boolean } {
  const none = { gpu: 0, cores: 0, context: false }
  const trial = trials.findLast(({ at }) => t >= at)
  if (!trial || t >= loadFrom) return none
  const session = trial.at + (trial.process + trial.load) * 1e6
  const first = session + trial.session * 1e6
  const end = trialEnd(trial)
  if (t < session) return { gpu: 0, cores: 1, context: false }
  if (t < first) return { gpu: 0.12, cores: 1.3, context: true }
  if (t < end) return { gpu: 0.45, cores: 1, context: true }
  // The last trial's process is the one that serves the load.
  return trial === trials.at(-1) ? { ...none, context: true } : none
}
