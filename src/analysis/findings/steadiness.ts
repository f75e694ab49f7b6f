// Cold start and steady state: what the first answer costs, and whether the run ever became what it stays.
import { formatDuration, formatNumber } from '../../units/quantity.ts'
import { percent, type FindingRule } from './finding.ts'

export const coldStartCost: FindingRule = {
  id: 'cold-start',
  title: 'The first answer is far slower than the rest',
  explain:
    'Time from starting a fresh process to its first answer, against the steady median. It is what a scale-up or a restart ' +
    'costs the first user. Keep a warm instance, send a warm-up request before taking traffic, or save the optimised model.',
  find({ document }) {
    const { cold_start: cold } = document
    const total = cold.total_ms?.value
    const steady = cold.steady_p50_ms
    if (total === undefined || total === null || !steady || total < 20 * steady || total < 200) return undefined
    const parts: readonly (readonly [string, number | null | undefined])[] = [
      ['starting the process', cold.process_ms?.value],
      ['loading engine and model', cold.load_ms?.value],
      ['creating the session', cold.session_ms?.value],
      ['the first inference', cold.first_inference_ms?.value],
    ]
    const [largest, ms] = [...parts].sort((a, b) => (b[1] ?? 0) - (a[1] ?? 0))[0]!
    return {
      severity: 'info',
      title:
        `the first answer takes ${formatDuration(total * 1e6)}, as long as ${formatNumber(total / steady)} steady ones; ` +
        `${percent((ms ?? 0) / total)} of it is ${largest}`,
      advice: 'keep an instance warm, or send a request before taking traffic',
      evidence: { total_ms: total, steady_p50_ms: steady, largest_part: largest, largest_part_ms: ms ?? null },
    }
  },
}

export const firstInference: FindingRule = {
  id: 'first-inference-slow',
  title: 'The first inference is slower than later ones',
  explain:
    'After the session was created the first inference still took much longer than the steady median: memory is allocated, ' +
    'weights are packed, code is compiled. One warm-up request before taking traffic removes it from the tail.',
  find({ document }) {
    const { penalty_ms: penalty, steady_p50_ms: steady } = document.cold_start
    const value = penalty?.value
    if (value === undefined || value === null || !steady || value < 1.5 * steady || value < 5) return undefined
    return {
      severity: 'info',
      title: `the first inference takes ${formatDuration(value * 1e6)} longer than a steady one`,
      advice: 'send one request before taking traffic',
      evidence: { penalty_ms: value, steady_p50_ms: steady },
    }
  },
}

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

export const warmupOutlastsRun: FindingRule = {
  id: 'warm-up-long',
  title: 'Warm-up took a large part of the run',
  explain:
    'More than a quarter of the requests came before the steady state. They are left out of the headline; what remains may ' +
    'be few. Run longer, or keep them with --include-warmup when users meet them too.',
  find({ document }) {
    const { steady_after } = document.cold_start
    const share = (steady_after?.requests ?? 0) / Math.max(1, document.requests.sent)
    if (steady_after === null || share < 0.25) return undefined
    return {
      severity: 'warn',
      title: `warming up took ${steady_after.requests} requests (${formatDuration(steady_after.s * 1e9)}), ${percent(share)} of the run`,
      advice: 'run longer: --for 60s',
      evidence: { requests: steady_after.requests, seconds: steady_after.s, share },
    }
  },
}
