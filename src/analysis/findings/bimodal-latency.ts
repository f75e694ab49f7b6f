// Two modes in the latency: a sum of two behaviours that no percentile names.
import { formatDuration } from '../../units/quantity.ts'
import { percent, type FindingRule } from './finding.ts'

/** Steps a decade of the smoothed histogram; a mode must stand out of the valley by this factor. */
const stepsPerDecade = 60
const contrast = 2.5

interface Peak {
  readonly ms: number
  readonly share: number
}

export const bimodalLatency: FindingRule = {
  id: 'bimodal-latency',
  title: 'The latency has two modes',
  explain:
    'The histogram has two separate peaks: the requests follow two different paths (a cache that hits or misses, two cores ' +
    'of different speed, a periodic job). The mean describes neither; look at what differs between them.',
  find({ document }) {
    if (document.service_ms.count < 200) return undefined
    const peaks = peaksOf(document.service_ms.histogram)
    if (peaks.length < 2) return undefined
    const [a, b] = [...peaks]
      .sort((x, y) => y.share - x.share)
      .slice(0, 2)
      .sort((x, y) => x.ms - y.ms) as [Peak, Peak]
    return {
      severity: 'warn',
      title:
        `the service time has two modes: ${percent(a.share)} around ${formatDuration(a.ms * 1e6)}, ` +
        `${percent(b.share)} around ${formatDuration(b.ms * 1e6)}`,
      advice: 'compare what differs between them: time, instance, input',
      evidence: { low_ms: a.ms, low_share: a.share, high_ms: b.ms, high_share: b.share },
    }
  },
}

/** Peaks of the histogram over log latency, each with the share of samples between its valleys. */
export function peaksOf(histogram: readonly (readonly [number, number])[]): readonly Peak[] {
  if (histogram.length === 0) return []
  const bin = (ms: number): number => Math.round(Math.log10(ms) * stepsPerDecade)
  const first = bin(histogram[0]![0]) - 4
  const counts = new Float64Array(bin(histogram.at(-1)![0]) + 5 - first)
  let total = 0
  for (const [edge, count] of histogram) {
    counts[bin(edge) - first]! += count
    total += count
  }
  const smooth = smoothed(counts)
  const valleys = valleysOf(smooth)
  const peaks: Peak[] = []
  for (let v = 0; v + 1 < valleys.length; v++) {
    let share = 0
    let top = valleys[v]!
    for (let i = valleys[v]!; i < valleys[v + 1]!; i++) {
      share += counts[i]! / total
      if (smooth[i]! > smooth[top]!) top = i
    }
    if (share >= 0.05) peaks.push({ ms: 10 ** ((top + first) / stepsPerDecade), share })
  }
  return peaks
}

function smoothed(counts: Float64Array): Float64Array {
  const kernel = [0.06, 0.12, 0.2, 0.24, 0.2, 0.12, 0.06]
  return counts.map((_, i) => kernel.reduce((sum, weight, k) => sum + weight * (counts[i + k - 3] ?? 0), 0))
}

// Cuts between peaks: a minimum that lies `contrast` times below the peak on either side of it.
function valleysOf(smooth: Float64Array): number[] {
  const cuts = [0]
  let peak = 0
  let low = Number.POSITIVE_INFINITY
  let lowAt = 0
  const floor = 0.02 * smooth.reduce((a, b) => Math.max(a, b), 0)
  smooth.forEach((value, i) => {
    if (value < low) {
      low = value
      lowAt = i
    }
    if (low < peak / contrast && value > contrast * Math.max(low, floor)) {
      cuts.push(lowAt)
      peak = value
      low = value
    } else if (value > peak && cuts.at(-1)! <= i) {
      peak = value
      low = value
      lowAt = i
    }
  })
  return [...cuts, smooth.length]
}
