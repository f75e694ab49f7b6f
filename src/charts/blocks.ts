// A histogram in one line of block characters over the logarithm of latency; for terminals and tables.
const blocks = '▁▂▃▄▅▆▇█'
const asciiBlocks = '.:-=+*#@'

export interface BlockOptions {
  readonly width: number
  /** Characters of plain ASCII. */
  readonly ascii?: boolean
}

/**
 * @param buckets [upper edge, count], ascending
 * @returns the bar and the edges it spans; an empty bar for no counts
 */
export function blockHistogram(
  buckets: readonly (readonly [number, number])[],
  { width, ascii = false }: BlockOptions,
): { readonly bar: string; readonly from: number; readonly to: number } {
  const first = buckets[0]
  const last = buckets.at(-1)
  if (!first || !last || width < 1) return { bar: '', from: 0, to: 0 }
  const from = first[0]
  const to = last[0]
  const counts = new Float64Array(width)
  const span = Math.log(to / from)
  for (const [edge, count] of buckets) {
    const at = span > 0 ? Math.floor((Math.log(edge / from) / span) * width) : 0
    counts[Math.min(width - 1, at)]! += count
  }
  const most = Math.max(...counts)
  const set = ascii ? asciiBlocks : blocks
  let bar = ''
  for (const count of counts) {
    // The square root keeps a thin tail visible beside the bulk; what is empty stays empty.
    bar += count === 0 ? ' ' : set[Math.min(7, Math.floor(Math.sqrt(count / most) * 8))]!
  }
  return { bar, from, to }
}
