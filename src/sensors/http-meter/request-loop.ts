// A source that is asked once a period: each answer's readings are stamped with the middle of its round trip, and half the
// round trip is told as what the stamp may be wrong by. Asking never overlaps, and what was missed is not made up for.
import { ok, type Result } from '../../base/result.ts'
import type { StreamSink } from '../../run/ports.ts'

export interface Timed<T> {
  readonly value: T
  /** When it was asked for and when the answer came, on the run's clock, ns. */
  readonly sent: number
  readonly received: number
}

/** What became of an answer, with the times of the answer. */
export const timed = <T, E>(
  { sent, received }: Pick<Timed<unknown>, 'sent' | 'received'>,
  result: Result<T, E>,
): Result<Timed<T>, E> => (result.ok ? ok({ value: result.value, sent, received }) : result)

export interface RequestLoopOptions<T> {
  readonly periodMs: number
  readonly request: () => Promise<Result<Timed<T>, { readonly reason: string }>>
  /** `t` is the middle of the round trip. */
  readonly put: (value: T, t: number, out: StreamSink) => void
}

export class RequestLoop<T> {
  readonly #options: RequestLoopOptions<T>
  #out: StreamSink | undefined
  #running: Promise<void> = Promise.resolve()
  #closed = false
  #wake: () => void = () => undefined

  constructor(options: RequestLoopOptions<T>) {
    this.#options = options
  }

  start(out: StreamSink): void {
    this.#out = out
    this.#running = this.#run(out)
  }

  /** Asks once more, so that the readings cover what came before the call. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#wake()
    await this.#running
    if (this.#out) await this.#turn(this.#out)
  }

  async #run(out: StreamSink): Promise<void> {
    let planned = performance.now()
    while (!this.#closed) {
      await this.#turn(out)
      planned = Math.max(planned + this.#options.periodMs, performance.now())
      if (!this.#closed) await this.#sleep(planned - performance.now())
    }
  }

  async #turn(out: StreamSink): Promise<void> {
    const answer = await this.#options.request()
    if (!answer.ok) return out.failed(answer.error.reason)
    const { value, sent, received } = answer.value
    out.within((received - sent) / 2)
    this.#options.put(value, (sent + received) / 2, out)
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, ms))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
