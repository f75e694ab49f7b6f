// The Prometheus text format as dcgm-exporter writes it: one sample a line, `NAME{label="value",…} number [timestamp]`.
// Comments, and lines that are no sample, are passed over.

export interface PrometheusSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const line = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+([^\s{}]+)(?:\s+-?\d+)?\s*$/
const label = /\s*([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?/gy

/** Samples whose name begins with `prefix`. */
export function parseExposition(text: string, prefix: string): readonly PrometheusSample[] {
  const samples: PrometheusSample[] = []
  for (const row of text.split('\n')) {
    if (!row.startsWith(prefix)) continue
    const match = line.exec(row)
    if (!match) continue
    const labels: Record<string, string> = {}
    for (const [, name, value] of (match[2] ?? '').matchAll(label))
      labels[name!] = value!.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    samples.push({ name: match[1]!, labels, value: Number(match[3]) })
  }
  return samples
}
