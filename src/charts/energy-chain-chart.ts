// The chain from the socket to the process as bars on one scale: each step's parts, and hatched what the next step does not
// show of it. A step that was not measured is an empty frame; an estimate is a pale bar between its ends.
import { html, type Html } from '../base/html.ts'
import type { EnergyStep } from '../run/sections/energy.ts'
import type { Figure } from '../run/figure.ts'
import { formatNumber } from '../units/quantity.ts'
import type { Chart } from './chart.ts'
import { inSizes, type Size } from './sizes.ts'
import { extent } from './scales.ts'
import { drawing, hatch, label, line, rect } from './svg.ts'

const rowHeight = 58
const barHeight = 20

type Names = Readonly<Record<EnergyStep['level'], string>>

export function energyChainChart(chain: readonly EnergyStep[], names: Names): Chart {
  const steps = chain.filter(({ level }) => level !== 'inference')
  const described = description(steps, names)
  const title = 'From the socket to the inference'
  return {
    id: 'chain',
    title,
    description: described,
    svg: inSizes((size) => draw(steps, names, size, title, described)),
    table: {
      head: ['step', 'power', 'unaccounted'],
      rows: steps.map((step, i) => [names[step.level], watts(step.watts), unaccountedText(steps, i) ?? '']),
    },
  }
}

/** `38 W (31 … 45)`, or the range of an estimate. */
function watts(figure: Figure | null): string {
  if (!figure) return 'not measured'
  const { value, low, high } = figure
  const range = low === null || high === null ? '' : `${formatNumber(low)} … ${formatNumber(high)}`
  if (value === null) return `${range} W`
  return range === '' ? `${formatNumber(value)} W` : `${formatNumber(value)} W (${range})`
}

/** Watts of what step `i` shows beyond the next. */
function unaccounted(step: EnergyStep): Figure | undefined {
  if (!step.unaccounted || !step.joules?.value || !step.watts?.value) return undefined
  const seconds = step.joules.value / step.watts.value
  const over = (value: number | null): number | null => (value === null ? null : value / seconds)
  const { value, low, high, n } = step.unaccounted
  return { value: over(value), low: over(low), high: over(high), n, unit: 'W' }
}

function unaccountedText(steps: readonly EnergyStep[], i: number): string | undefined {
  const figure = unaccounted(steps[i]!)
  if (!figure) return undefined
  const word = steps[i]!.level === 'devices' ? 'idle and other processes' : 'unaccounted'
  return `${watts(figure).replaceAll('-', '−')} ${word}`
}

function description(steps: readonly EnergyStep[], names: Names): string {
  const known = steps.filter(({ watts: figure }) => figure !== null)
  const estimated = known.length > 0 && known.every(({ watts: figure }) => figure!.grade === 'D')
  if (estimated)
    return `Only the estimate of the CPU (grade D) is known: ${watts(known[0]!.watts)}. Nothing in this chain was measured.`
  const told = steps.flatMap((_, i) => {
    const text = unaccountedText(steps, i)
    return text === undefined ? [] : [`${names[steps[i]!.level]}: ${text}`]
  })
  const missing = steps.filter(({ watts: figure }) => figure === null).map(({ level }) => names[level])
  return [
    `${known.map((step) => `${names[step.level]} ${watts(step.watts)}`).join(', ')}.`,
    told.length > 0 ? `What the next step does not show – ${told.join('; ')}.` : '',
    missing.length > 0 ? `Not measured: ${missing.join(', ')}.` : '',
  ]
    .filter(Boolean)
    .join(' ')
}

function draw(
  steps: readonly EnergyStep[],
  names: Names,
  { name, width }: Size,
  title: string,
  description: string,
): Html {
  const [, most] = extent(steps.map(({ watts: figure }) => figure?.high ?? figure?.value ?? 0)) ?? [0, 0]
  const largest = Math.max(most, 1e-9)
  const scale = (value: number): number => (Math.max(0, value) / largest) * (width - 4)
  const pattern = `hatch-chain-${name}`
  const rows = steps.map((step, i) => row(steps, i, names, scale, pattern, { y: i * rowHeight, width }))
  const height = steps.length * rowHeight + 4
  return drawing({ id: `chain-${name}`, width, height, title, description }, hatch(pattern), ...rows)
}

function row(
  steps: readonly EnergyStep[],
  i: number,
  names: Names,
  scale: (value: number) => number,
  pattern: string,
  { y, width }: { readonly y: number; readonly width: number },
): Html {
  const step = steps[i]!
  const top = y + 19
  const bar = (x: number, w: number, className: string, fill?: string): Html | undefined =>
    rect({ x: x + 1, y: top, width: Math.max(0.5, w), height: barHeight }, className, fill)
  const head = label(1, y + 13, names[step.level], { class: 'strong' })
  const figure = step.watts
  if (!figure)
    return html`${head}${label(width - 1, y + 13, 'not measured', { class: 'tick', 'text-anchor': 'end' })}${bar(0, width - 4, 'absent')}`
  const grade = figure.grade === undefined ? '' : ` · grade ${figure.grade}`
  const value = label(width - 1, y + 13, `${watts(figure)}${grade}`, { class: 'tick', 'text-anchor': 'end' })
  if (figure.value === null)
    return html`${head}${value}${bar(scale(figure.low ?? 0), scale(figure.high ?? 0) - scale(figure.low ?? 0), 'estimate')}`
  const seconds = (step.joules?.value ?? Number.NaN) / figure.value
  let x = 0
  const parts = ownParts(step).map((part) => {
    const w = scale(part.joules.value! / seconds)
    const drawn = bar(x, w, fillOf(part.scope))
    x += w
    return drawn
  })
  // What the step outside of this one shows beyond it.
  const outside = steps.slice(0, i).findLast(({ watts: outer }) => outer !== null && outer.value !== null)
  const beyond = outside ? scale(outside.watts!.value!) - scale(figure.value) : 0
  // Idle and other processes are accounted for; what no device shows is not.
  const own = outside?.level === 'devices'
  const [className, fill] = own ? ['res-idle'] : ['unattributed', `url(#${pattern})`]
  const rest = beyond > 0.5 ? bar(scale(figure.value), beyond, className!, fill) : undefined
  const text = outside === undefined ? undefined : unaccountedText(steps, steps.indexOf(outside))
  const note =
    text === undefined
      ? undefined
      : label(width - 1, top + barHeight + 13, text, { class: 'tick', 'text-anchor': 'end' })
  return html`${head}${value}${rest}${parts}${whisker(figure, scale, top)}${note}`
}

/** Those of known value that make up the step. */
function ownParts({ level, parts, joules }: EnergyStep): EnergyStep['parts'] {
  const own = parts.filter((part) => part.joules.value !== null && (level !== 'process' || part.kind === 'target'))
  return own.length > 0 ? own : [{ kind: 'device', scope: level, joules: joules! }]
}

function whisker({ low, high }: Figure, scale: (value: number) => number, top: number): Html | undefined {
  if (low === null || high === null) return undefined
  const middle = top + barHeight / 2
  const ends = [low, high].map((value) => scale(value) + 1)
  return html`${line(ends[0]!, middle, ends[1]!, middle, 'whisker')}${ends.map((x) => line(x, middle - 4, x, middle + 4, 'whisker'))}`
}

function fillOf(scope: string): string {
  const fills: Readonly<Record<string, string>> = {
    package: 'res-cpu layer',
    dram: 'res-dram layer',
    gpu: 'res-gpu layer',
    module: 'res-gpu layer',
  }
  return fills[scope] ?? 'res-whole layer'
}
