// Seeded random numbers (sfc32), so that every schedule, weight and bootstrap can be drawn again. Not for secrets.
/** Uniform numbers in [0, 1) and the draws made of them. Same seed, same sequence, on every machine. */
export class Random {
  #a: number
  #b: number
  #c: number
  #d = 1

  constructor(seed: number) {
    // SplitMix32 spreads the seed over the state: close seeds give unrelated streams.
    let s = seed >>> 0
    const split = (): number => {
      s = (s + 0x9e3779b9) >>> 0
      let z = s
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return (z ^ (z >>> 15)) >>> 0
    }
    this.#a = split()
    this.#b = split()
    this.#c = split()
    for (let i = 0; i < 12; i++) this.next32()
  }

  /** A uniform 32-bit unsigned integer. */
  next32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t
    return t >>> 0
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.next32() >>> 5) * 67108864 + (this.next32() >>> 6)) / 9007199254740992
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.uniform())
  }
}
