// The best gain that `--advise` measured.
import type { AdviceResult } from '../../run/manifest.ts'
import { percent, type FindingRule } from './finding.ts'

const words = (result: AdviceResult): string =>
  `${result.flag}: ${result.metric} ${signed(result.change!)} (${signed(result.low!)} … ${signed(result.high!)})`

const signed = (share: number): string => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`

export const settingHelps: FindingRule = {
  id: 'setting-helps',
  title: 'Another setting is faster',
  explain:
    'Short bursts with this setting and with the run’s own were interleaved, so that drifts of the host meet both; the ' +
    'interval comes from the pairs. A gain whose interval excludes zero is shown.',
  find({ document }) {
    const gains = (document.advice ?? [])
      .filter((result) => result.change !== null && result.high !== null && result.high < -0.01)
      .sort((a, b) => a.change! - b.change!)
    const best = gains[0]
    if (!best) return undefined
    return {
      severity: best.change! < -0.1 ? 'warn' : 'info',
      title: words(best),
      advice: `run with ${best.flag}`,
      evidence: { settings_tried: document.advice!.map((result) => result.flag), pairs: best.n },
      gain: { value: best.change, low: best.low, high: best.high, n: best.n, unit: 'ratio', metric: best.metric },
    }
  },
}
