// A service time that changed its level during the run.
import { percent, type FindingRule } from './finding.ts'

export const notSteady: FindingRule = {
  id: 'not-steady',
  title: 'The latency changed its level during the run',
  explain:
    'The service time moved to another level and stayed there (slowdown), was at another level for a while (shift), or never ' +
    'settled. The headline then covers different behaviours. Look at the curve over time: temperature, neighbours, caches.',
  find({ document }) {
    const { verdict, segments } = document.cold_start
    if (verdict === 'flat' || verdict === 'warm-up' || segments.length < 2) return undefined
    const levels = segments.map((segment) => segment.level_ms)
    const change = Math.max(...levels) / Math.min(...levels) - 1
    const words = {
      slowdown: `the service time rose by ${percent(change)} during the run and stayed there`,
      shift: `the service time was ${percent(change)} higher in a part of the run`,
      'no-steady-state': `the service time never settled: its levels differ by ${percent(change)}`,
    }[verdict]
    return {
      severity: 'warn',
      title: words,
      advice: 'look at latency over time in the report, and measure again on a quiet host',
      evidence: {
        verdict,
        change,
        levels_ms: levels.slice(0, 12),
        from_s: segments.slice(0, 12).map((segment) => segment.from_s),
      },
    }
  },
}
