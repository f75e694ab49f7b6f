// The GPU of a demo run: power from clock, activity and temperature; a die and a heat sink that warm up (two thermal
// resistances, two capacities); and the driver's governor, which lowers the clock above a temperature and above the limit.
import type { GpuModel } from './board.ts'

/** V/Vmax at a clock: from 0.7 at the lowest to 1, straight. */
const voltage = (share: number): number => 0.65 + 0.35 * share
/** The governor looks this often, ns, and lets the clock rise less often than it lets it fall. */
const look = 60e6
const riseEvery = 3
/** Power is judged over about this long, ns. */
const powerWindow = 50e6
/** °C below the limit at which the clock may rise again. */
const hysteresis = 0.7

export class Gpu {
  readonly #model: GpuModel
  #die: number
  #sink: number
  #memory: number
  #thermalCap: number
  #powerCap: number
  #mean = 0
  #looked = 0
  #looks = 0
  #awake = false

  constructor(model: GpuModel, inlet: number) {
    this.#model = model
    const { heat, power } = model
    const idle = power.leakage + power.memoryIdle + power.clocked * this.#clockPower(model.clock.idle)
    this.#sink = inlet + idle / heat.toAir
    this.#die = this.#sink + idle / heat.toSink
    this.#memory = this.#die + 3
    this.#thermalCap = model.clock.max
    this.#powerCap = model.clock.max
  }

  get clock(): number {
    const { idle } = this.#model.clock
    return this.#awake ? Math.min(this.#thermalCap, this.#powerCap) : idle
  }

  get speed(): number {
    return this.clock / this.#model.clock.max
  }

  get temperature(): number {
    return this.#die
  }

  get memoryTemperature(): number {
    return this.#memory
  }

  get held(): 'thermal' | 'power' | undefined {
    const { max } = this.#model.clock
    if (!this.#awake || Math.min(this.#thermalCap, this.#powerCap) >= max) return undefined
    return this.#thermalCap <= this.#powerCap ? 'thermal' : 'power'
  }

  /**
   * @param awake whether a process holds a context: only then the clock leaves its idle level
   * @param busy share of the step in which kernels ran @param noise of the kernels' power, about 1
   */
  step(
    t: number,
    dt: number,
    input: { awake: boolean; busy: number; noise: number; inlet: number; airflow: number },
  ): {
    readonly watts: number
    readonly memoryWatts: number
  } {
    const { power, heat } = this.#model
    const { busy, noise, inlet, airflow } = input
    this.#awake = input.awake
    const memoryWatts = power.memoryIdle + power.memoryBusy * busy * noise * this.speed
    const watts =
      memoryWatts +
      power.leakage * Math.exp((this.#die - 40) / power.leakageScale) +
      this.#clockPower(this.clock) * (power.clocked + power.busy * busy * noise)
    const seconds = dt / 1e9
    const outward = heat.toSink * (this.#die - this.#sink)
    this.#die += ((watts - outward) / heat.die) * seconds
    this.#sink += ((outward - heat.toAir * airflow * (this.#sink - inlet)) / heat.sink) * seconds
    this.#memory += ((this.#die + 0.16 * memoryWatts - this.#memory) / 6) * seconds
    this.#mean += (watts - this.#mean) * Math.min(1, dt / powerWindow)
    if (t - this.#looked >= look) this.#govern(t)
    return { watts, memoryWatts }
  }

  #clockPower(clock: number): number {
    const share = clock / this.#model.clock.max
    return share * voltage(share) ** 2
  }

  #govern(t: number): void {
    const { clock, heat, power } = this.#model
    this.#looked = t
    const mayRise = ++this.#looks % riseEvery === 0
    const capped = (cap: number, over: boolean, under: boolean): number => {
      if (over) return Math.max(cap - clock.step, clock.held)
      return under && mayRise ? Math.min(clock.max, cap + clock.step) : cap
    }
    this.#thermalCap = capped(this.#thermalCap, this.#die > heat.limit, this.#die < heat.limit - hysteresis)
    this.#powerCap = capped(this.#powerCap, this.#mean > power.limit, this.#mean < 0.97 * power.limit)
  }
}
