// A service with one engine session in front of one GPU: requests wait in order, are prepared on the CPU, computed by the
// GPU at its clock of the moment, and finished on the CPU. Stepped with the machine, exact within a step.
//
//   scheduled ── queue ── ready ─ delay ─ started ── before ── GPU ── after ── done
import { Random } from '../base/random.ts'
import { poissonPacer } from '../load/poisson.ts'
import { allocateRequests, type RequestChunk } from '../run/table.ts'
import type { ServiceModel } from './board.ts'
import { batch, sizeIn, sizeOut } from './target.ts'

/** The first requests are slower: kernels are chosen and memory is allocated. */
const warmup = { excess: 0.9, requests: 25 }

interface Work {
  readonly row: number
  readonly before: number
  gpu: number
  readonly after: number
}

/** What a step took, ns. */
export interface Taken {
  gpu: number
  /** A request was being served: the engine's thread waits busily for the GPU. */
  host: number
}

export class Service {
  readonly #model: ServiceModel
  readonly #random: Random
  readonly #scheduled: Float64Array
  readonly #rows: RequestChunk
  #next = 0
  /** When the session became free. */
  #free = Number.NEGATIVE_INFINITY
  #work: Work | undefined
  #stage: 'before' | 'gpu' | 'after' = 'before'
  /** End of a CPU stage, ns. */
  #until = 0
  #begun: number | undefined

  /** @param from ns since the run's epoch */
  constructor(model: ServiceModel, from: number, seed: number) {
    this.#model = model
    this.#random = new Random(seed + 1)
    this.#scheduled = arrivals(model, from, seed)
    this.#rows = allocateRequests(this.#scheduled.length)
  }

  get ended(): boolean {
    return this.#next === this.#scheduled.length && this.#work === undefined
  }

  get rows(): RequestChunk {
    return this.#rows
  }

  /** @param speed of the GPU, as a share of its full clock */
  step(from: number, to: number, speed: number, taken: Taken): void {
    taken.gpu = 0
    taken.host = 0
    let at = from
    while (at < to) {
      if (!this.#work) {
        const started = this.#begin()
        if (started === undefined || started >= to) return
        this.#take(started)
        at = Math.max(at, started)
      }
      const end = this.#advance(at, to, speed, taken)
      taken.host += end - at
      at = end
    }
  }

  /** The running stage as far as it comes until `to`; gives how far that is. */
  #advance(at: number, to: number, speed: number, taken: Taken): number {
    const work = this.#work!
    if (this.#stage === 'gpu') {
      const used = Math.min(work.gpu / speed, to - at)
      work.gpu -= used * speed
      taken.gpu += used
      // Below a nanosecond only rounding is left.
      if (work.gpu < 1) {
        this.#stage = 'after'
        this.#until = at + used + work.after
      }
      return at + used
    }
    if (this.#until > to) return to
    const end = Math.max(at, this.#until)
    if (this.#stage === 'before') this.#stage = 'gpu'
    else this.#end(work, end)
    return end
  }

  // Planned start of the next request; drawn once.
  #begin(): number | undefined {
    if (this.#begun !== undefined) return this.#begun
    if (this.#next === this.#scheduled.length) return undefined
    const row = this.#next
    const ready = Math.max(this.#scheduled[row]!, this.#free)
    // Our own delay: mostly the wake-up of a sleeping thread.
    this.#begun = ready + 35e3 * Math.exp(0.5 * this.#random.normal())
    const rows = this.#rows
    rows.id[row] = row
    rows.batch[row] = batch
    rows.scheduled[row] = this.#scheduled[row]!
    rows.ready[row] = ready
    rows.started[row] = this.#begun
    rows.sizeIn[row] = sizeIn
    rows.sizeOut[row] = sizeOut
    return this.#begun
  }

  #take(started: number): void {
    const row = this.#next++
    const { before, gpu, after } = this.#model
    const slow = 1 + warmup.excess * Math.exp(-row / warmup.requests)
    const spread = (share: number): number => Math.exp(share * this.#random.normal())
    // Now and then the operating system takes the thread's core away for a while.
    const held = this.#random.uniform() < 0.004 ? 0.6e6 * this.#random.exponential() : 0
    const work = {
      row,
      before: before * 1e6 * spread(0.08) + held,
      gpu: gpu * 1e6 * slow * spread(0.012),
      after: after * 1e6 * spread(0.15),
    }
    this.#work = work
    this.#begun = undefined
    this.#stage = 'before'
    this.#until = started + work.before
  }

  #end(work: Work, at: number): void {
    const { done, engine, started } = this.#rows
    done[work.row] = at
    engine[work.row] = at - started[work.row]! - 0.4 * work.before
    this.#free = at
    this.#work = undefined
  }
}

function arrivals({ rate, seconds }: ServiceModel, from: number, seed: number): Float64Array {
  const pacer = poissonPacer({
    mode: 'open',
    concurrency: 1024,
    rate,
    arrivals: 'poisson',
    seed,
    pacing: 'sleep',
    for: seconds * 1e9,
  })
  const times: number[] = []
  for (;;) {
    const planned = pacer.next(0 as never, times.length)
    if (planned === 'done') return Float64Array.from(times)
    times.push(from + planned)
  }
}
