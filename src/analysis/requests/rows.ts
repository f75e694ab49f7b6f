// The request rows of a run in send order: one index over all chunks, built once, so that every analysis walks the same
// rows the same way without copying the table.
import type { RequestChunk } from '../../run/table.ts'

export class Rows {
  readonly #chunks: readonly RequestChunk[]
  /** Chunk and row of each request, in send order. */
  readonly #chunkOf: Uint32Array
  readonly #rowOf: Uint32Array
  readonly length: number

  constructor(chunks: readonly RequestChunk[]) {
    this.#chunks = chunks
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    this.length = length
    const chunkOf = new Uint32Array(length)
    const rowOf = new Uint32Array(length)
    const scheduled = new Float64Array(length)
    let at = 0
    let ordered = true
    chunks.forEach((chunk, c) => {
      for (let row = 0; row < chunk.length; row++, at++) {
        chunkOf[at] = c
        rowOf[at] = row
        scheduled[at] = chunk.scheduled[row]!
        if (at > 0 && scheduled[at]! < scheduled[at - 1]!) ordered = false
      }
    })
    if (ordered) {
      this.#chunkOf = chunkOf
      this.#rowOf = rowOf
      return
    }
    const order = Uint32Array.from({ length }, (_, i) => i).sort((a, b) => scheduled[a]! - scheduled[b]! || a - b)
    this.#chunkOf = order.map((i) => chunkOf[i]!)
    this.#rowOf = order.map((i) => rowOf[i]!)
  }

  /** Calls `visit` for each request in send order, with its chunk and the row within it. */
  each(visit: (chunk: RequestChunk, row: number, index: number) => void): void {
    for (let i = 0; i < this.length; i++) visit(this.#chunks[this.#chunkOf[i]!]!, this.#rowOf[i]!, i)
  }
}
