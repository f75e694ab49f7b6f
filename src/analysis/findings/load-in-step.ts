// A power sensor that sees a part of the time, and a load regular enough to show it the same phase again and again.
import { formatNumber } from '../../units/quantity.ts'
import { median } from '../energy/amount.ts'
import type { FindingInput, FindingRule } from './finding.ts'

/** Repeats that are shorter than this share of the sensor's window are averaged over; those longer than its … */
const leastOfWindow = 0.5
/** … periods show their changes from one reading to the next. From the simulation (docs/energy.md). */
const mostPeriods = 1.5
/** Share of a repeat by which the phase must wander within a period of the sensor to be as good as random. */
const wander = 0.25

export const loadInStep: FindingRule = {
  id: 'load-in-step',
  title: 'A power sensor may see one phase of the load only',
  explain:
    'The sensor averages over a part of each of its periods (25 of 100 ms on A100 and H100), and the load repeats so regularly ' +
    'that those parts may always meet it at the same phase. Its power is then read wrong by up to its whole swing between work and ' +
    'pause, no reading shows it, and no interval covers it. Send at random times (`--arrivals poisson`), or repeat at random ' +
    'phases; then the error averages out.',
  find(input) {
    const sensor = partialSensor(input)
    const load = repeatsOf(input)
    if (!sensor || !load) return undefined
    const { channel, period, window } = sensor
    const { cycle, spread } = load
    if (cycle < leastOfWindow * window || cycle > mostPeriods * period) return undefined
    if (spread * Math.sqrt(period / cycle) >= wander * cycle) return undefined
    const ms = (value: number): string => formatNumber(value)
    return {
      severity: 'warn',
      title: `${channel} sees ${ms(window)} of every ${ms(period)} ms, and the load repeats every ${ms(cycle)} ms: its power may be read wrong`,
      advice: 'send at random times: --arrivals poisson',
      evidence: { channel, period_ms: period, window_ms: window, repeat_ms: cycle, repeat_spread_ms: spread },
    }
  },
}

/** The first of those that the total rests on. Times in ms. */
function partialSensor({
  document,
}: FindingInput): { readonly channel: string; readonly period: number; readonly window: number } | undefined {
  for (const { channel } of document.energy.parts ?? []) {
    const character = document.sensors?.find((sensor) => sensor.channel === channel)
    const declared = document.channels.find(({ id }) => id === channel)
    const window = character?.window_ms ?? declared?.window_ms ?? 0
    // Of a gauge that is read more seldom than it updates, what lies between the readings is not seen either.
    const poll = declared?.quantity === 'power' ? (character?.poll_ms ?? 0) : 0
    const period = Math.max(character?.period_ms ?? declared?.period_ms ?? 0, poll)
    if (window > 0 && window < 0.9 * period) return { channel, period, window }
  }
  return undefined
}

/** Median distance of answers, and its standard deviation by the quartiles, ms. */
function repeatsOf({ series }: FindingInput): { readonly cycle: number; readonly spread: number } | undefined {
  const done = Float64Array.from(series.response.at).sort()
  if (done.length < 20) return undefined
  const gaps = Float64Array.from(done.subarray(1), (at, i) => (at - done[i]!) / 1e6).sort()
  const at = (share: number): number => gaps[Math.floor(share * (gaps.length - 1))]!
  return { cycle: median([...gaps]), spread: (at(0.75) - at(0.25)) / 1.349 }
}
