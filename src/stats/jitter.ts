// Jitter: mean |Lᵢ − Lᵢ₋₁| in send order within a stream (an instance or connection), pooled over the streams.
export class Jitter {
  #sum = 0
  #pairs = 0
  readonly #last = new Map<number, number>()

  add(stream: number, latency: number): void {
    const before = this.#last.get(stream)
    if (before !== undefined) {
      this.#sum += Math.abs(latency - before)
      this.#pairs++
    }
    this.#last.set(stream, latency)
  }

  /** `undefined` before any stream has two samples. */
  get value(): number | undefined {
    return this.#pairs === 0 ? undefined : this.#sum / this.#pairs
  }
}
