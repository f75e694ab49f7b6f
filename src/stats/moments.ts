// Mean and standard deviation in one pass without cancellation (Welford 1962).
export class Moments {
  count = 0
  mean = 0
  #squares = 0
  min: number = Number.POSITIVE_INFINITY
  max: number = Number.NEGATIVE_INFINITY

  add(value: number): void {
    this.count++
    const before = value - this.mean
    this.mean += before / this.count
    this.#squares += before * (value - this.mean)
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
  }

  /** Sample variance (n − 1); 0 for fewer than two. */
  get variance(): number {
    return this.count < 2 ? 0 : this.#squares / (this.count - 1)
  }
  get stddev(): number {
    return Math.sqrt(this.variance)
  }
}
