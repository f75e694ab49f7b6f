// What the host draws without the load: measured before it and after it, each with a test of whether the temperature stood
// still. Never the least power ever seen, which is an artefact of whatever read it.
import type { Figure } from '../../run/figure.ts'
import { withCautions, type Caution } from '../../run/caution.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { RunEvent } from '../../run/event.ts'
import { readingMean } from '../channels/gauge-mean.ts'
import { measuresPower } from '../../run/channel.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { phaseWindow, type PhaseWindow } from '../phases.ts'
import { balanceOf, type Balance } from './balance.ts'
import { sameDevices, scaled } from './figures.ts'
import type { PartContext } from './part.ts'

/** Drift of a temperature, °C, within a phase or between the two, above which idle power is not that of one state. */
const steadyWithin = 1
const steadyBetween = 3

export interface Idle {
  readonly total: Figure | undefined
  readonly cpu: Figure | undefined
  readonly gpu: Figure | undefined
  readonly unmeasured: readonly Unmeasured[]
}

interface Phase {
  readonly name: string
  readonly window: PhaseWindow
  readonly balance: Balance
}

export function idleOf(all: readonly ChannelSeries[], events: readonly RunEvent[], context: PartContext): Idle {
  const nothing = { total: undefined, cpu: undefined, gpu: undefined }
  const windows = (['idle-before', 'idle-after'] as const).flatMap((name) => {
    const window = phaseWindow(events, name)
    return window ? [{ name, window }] : []
  })
  if (!all.some(({ channel, t }) => measuresPower(channel) && t.length > 0)) return { ...nothing, unmeasured: [] }
  if (windows.length === 0) {
    const row = { what: 'idle_w', reason: 'no idle phase was measured', remedy: 'run with --idle 5s' }
    return { ...nothing, unmeasured: [row] }
  }
  const phases = windows.map((phase): Phase => ({ ...phase, balance: balanceOf(all, phase.window, context) }))
  const caution = unsteady(all, phases)
  const pick = (which: 'total' | 'cpu' | 'gpu'): Figure | undefined =>
    combined(
      all,
      phases.flatMap(({ window, balance }) => {
        const joules = balance[which]
        return joules ? [scaled(joules, 1e9 / (window.to - window.from), 'W')] : []
      }),
      caution,
    )
  const total = pick('total')
  return {
    total,
    cpu: pick('cpu'),
    gpu: pick('gpu'),
    unmeasured:
      total?.value === null
        ? [{ what: 'idle_w', reason: 'the idle phases are too short for the sensor', remedy: 'run with --idle 5s' }]
        : [],
  }
}

/** The mean of the phases; half the difference between them joins the statistical part. */
function combined(
  all: readonly ChannelSeries[],
  watts: readonly Figure[],
  caution: Caution | undefined,
): Figure | undefined {
  const known = watts.filter((figure) => figure.value !== null)
  const [first] = known
  if (!first) return watts[0]
  // Another set of devices gave the other phase: it cannot be averaged with the first.
  const same = known.filter((figure) => sameDevices(all, figure, first))
  const mean = (read: (figure: Figure) => number): number =>
    same.reduce((sum, figure) => sum + read(figure), 0) / same.length
  const value = mean((figure) => figure.value!)
  const apart = Math.max(...same.map((figure) => Math.abs(figure.value! - value)))
  const statistical = mean((figure) => figure.statistical ?? 0) + apart
  const systematic = mean((figure) => figure.systematic ?? 0)
  const once: Caution = { code: 'idle-measured-once', text: 'idle was measured once' }
  const figure: Figure = {
    ...first,
    value,
    low: Math.max(0, value - statistical - systematic),
    high: value + statistical + systematic,
    n: same.reduce((sum, figure) => sum + figure.n, 0),
    statistical,
    systematic,
  }
  return withCautions(figure, [
    ...(first.cautions ?? []),
    ...(same.length < 2 ? [once] : []),
    ...(caution ? [caution] : []),
  ])
}

/** What moved; `undefined` when all temperatures stood still or none was read. */
function unsteady(all: readonly ChannelSeries[], phases: readonly Phase[]): Caution | undefined {
  let worst: { readonly by: number; readonly text: string } | undefined
  const tell = (by: number, limit: number, text: string): void => {
    if (by > limit && by > (worst?.by ?? 0)) worst = { by, text }
  }
  const temperatures = all.filter(({ channel, t }) => channel.quantity === 'temperature' && t.length > 0)
  // A drive or a corner of the board warms without changing what the processor leaks.
  const own = temperatures.filter(({ channel }) => channel.scope !== 'zone')
  for (const series of own.length > 0 ? own : temperatures) {
    const { channel } = series
    const levels = phases.map(({ name, window }) => {
      const half = (window.from + window.to) / 2
      const first = readingMean(series, window.from, half)
      const second = readingMean(series, half, window.to)
      tell(
        Math.abs(second - first),
        steadyWithin,
        `${channel.id} moved by ${(second - first).toFixed(1)} °C during ${name}`,
      )
      return (first + second) / 2
    })
    const apart = Math.abs((levels[1] ?? Number.NaN) - levels[0]!)
    tell(apart, steadyBetween, `${channel.id} differed by ${apart.toFixed(1)} °C before and after the load`)
  }
  if (!worst) return undefined
  return {
    code: 'idle-not-steady',
    text: `idle was not steady: ${worst.text}; a longer --idle on a rested host is better`,
  }
}
