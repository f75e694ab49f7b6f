// Service time, temperature and clocks over one time axis, with the seconds in which a device was held back: what happened
// together. That one caused the other it does not say.
import { html, type Html } from '../base/html.ts'
import { ownName } from '../analysis/channels/device-name.ts'
import { shortName } from '../analysis/channels/short-name.ts'
import type { ThermalLine, ThermalSeries } from '../analysis/hardware/thermal-series.ts'
import type { ThermalSection } from '../run/sections/hardware.ts'
import { formatDuration, formatFixed, formatNumber } from '../units/quantity.ts'
import type { Chart } from './chart.ts'
import { sparse } from './frame.ts'
import { exact, extent, linear, type Scale } from './scales.ts'
import { inSizes, type Size } from './sizes.ts'
import { drawing, label, line, polyline, rect } from './svg.ts'

/** Lines in one panel; of more channels those with the widest range are drawn, and the table has the others. */
const mostLines = 3
const panelHeight = 96
const panelGap = 26
const stripHeight = 20

type Point = readonly [number, number | undefined]
interface Panel {
  readonly name: string
  readonly format: (value: number) => string
  readonly lines: readonly { readonly name: string; readonly at: readonly Point[] }[]
}
type Gpus = readonly { readonly name: string; readonly uuid: string }[]

export function heatChart(course: ThermalSeries, thermal: ThermalSection, gpus: Gpus): Chart {
  const panels = panelsOf(course, gpus)
  const described = description(course, thermal, gpus)
  const title = 'Heat, clocks and latency'
  return {
    id: 'heat',
    title,
    description: described,
    svg: inSizes((size) => draw(course, panels, gpus, size, title, described)),
    table: {
      head: ['time', ...panels.flatMap(({ lines }) => lines.map(({ name }) => name)), 'held back'],
      rows: momentsOf(course).map((t) => [
        `${formatFixed(t)} s`,
        ...panels.flatMap(({ lines, format }) =>
          lines.map(({ at }) => {
            const value = nearest(at, t)
            return value === undefined ? 'no reading' : format(value)
          }),
        ),
        course.throttled
          .filter(({ seconds }) => seconds.some(([from, to]) => t >= from && t < to))
          .map(({ device, reason }) => `${deviceText(device, gpus)}: ${reason}`)
          .join(', ') || 'no',
      ]),
    },
  }
}

function momentsOf({ to }: ThermalSeries): readonly number[] {
  const step = Math.max(1, Math.ceil(to / 24))
  return Array.from({ length: Math.floor(to / step) }, (_, i) => (i + 0.5) * step)
}

const nearest = (at: readonly Point[], t: number): number | undefined =>
  at.reduce<Point | undefined>(
    (best, point) => (best === undefined || Math.abs(point[0] - t) < Math.abs(best[0] - t) ? point : best),
    undefined,
  )?.[1]

function panelsOf({ service, temperatures, clocks }: ThermalSeries, gpus: Gpus): readonly Panel[] {
  const named = (courses: readonly ThermalLine[]): Panel['lines'] =>
    widest(courses).map(({ channel, at }) => ({
      name: `${shortDevice(channel, gpus)} ${shortName(channel.id).replace(/^(temperature|clock)-?/, '')}`.trim(),
      at,
    }))
  return [
    {
      name: 'service time',
      format: (value: number) => formatDuration(value * 1e6, 3),
      lines: [{ name: 'mean of each second', at: service.map(({ from, ms }) => [from + 0.5, ms] as const) }],
    },
    { name: 'temperature', format: (value: number) => `${formatNumber(value, 3)} °C`, lines: named(temperatures) },
    {
      name: 'clock',
      format: (value: number) => (value >= 1000 ? `${formatNumber(value / 1000)} GHz` : `${formatNumber(value)} MHz`),
      lines: named(clocks),
    },
  ].filter(({ lines }) => lines.some(({ at }) => at.length > 1))
}

/** In their order, those that moved most. */
function widest(courses: readonly ThermalLine[]): readonly ThermalLine[] {
  const range = ({ at }: ThermalLine): number => {
    const [least, most] = extent(at.map(([, value]) => value)) ?? [0, 0]
    return most - least
  }
  const kept = new Set([...courses].sort((a, b) => range(b) - range(a)).slice(0, mostLines))
  return courses.filter((course) => kept.has(course))
}

/** By its place among the GPUs: names are long. */
function shortDevice({ device, sensor }: ThermalLine['channel'], gpus: Gpus): string {
  const place = gpus.findIndex(({ uuid }) => uuid === device)
  if (place >= 0) return gpus.length > 1 ? `GPU ${place}` : 'GPU'
  return (device ?? sensor).slice(0, 24)
}

const deviceText = (device: string, gpus: Gpus): string => ownName(device, gpus)

function description({ throttled }: ThermalSeries, { coincidence, temperatures }: ThermalSection, gpus: Gpus): string {
  const hottest = [...temperatures].sort((a, b) => b.max - a.max)[0]
  const held = throttled.map(
    ({ device, reason, seconds }) =>
      `${deviceText(device, gpus)} in ${formatFixed(seconds.reduce((sum, [from, to]) => sum + to - from, 0))} s (${reason})`,
  )
  return [
    hottest ? `At most ${formatNumber(hottest.max)} °C (${shortName(hottest.channel)}).` : '',
    held.length > 0 ? `Held back: ${held.join(', ')}.` : 'No device was held back in any whole second.',
    coincidence?.change
      ? `Service times of those seconds were ${signed(coincidence.change.value!)} (${signed(coincidence.change.low!)} … ${signed(coincidence.change.high!)}) against the others: a coincidence, not a cause.`
      : '',
  ]
    .filter(Boolean)
    .join(' ')
}

const signed = (share: number): string => `${share < 0 ? '−' : '+'}${formatNumber(Math.abs(share) * 100, 2)} %`

function draw(
  course: ThermalSeries,
  panels: readonly Panel[],
  gpus: Gpus,
  size: Size,
  title: string,
  description: string,
): Html {
  const left = size.name === 'narrow' ? 56 : 66
  const right = size.width - 12
  const x = exact(0, course.to, left, right, size.name === 'narrow' ? 4 : 8)
  const panelsEnd = panels.length * (panelHeight + panelGap)
  const strips = course.throttled
  const end = panelsEnd + (strips.length > 0 ? strips.length * stripHeight + 24 : 0)
  const height = end + 36
  const span = ([from, to]: readonly [number, number], y: number, height: number, className: string) =>
    rect({ x: x(from), y, width: x(to) - x(from), height }, className)
  const shades = strips.flatMap(({ seconds }) => seconds.map((each) => span(each, 18, panelsEnd - panelGap, 'held')))
  const ticks = sparse(x, 46)
  return drawing(
    { id: `heat-${size.name}`, width: size.width, height, title, description },
    ...shades,
    ...panels.map((panel, i) => panelOf(panel, x, { left, right, top: i * (panelHeight + panelGap) + 18 })),
    ...(strips.length > 0 ? [label(left, panelsEnd + 12, 'held back (seconds)', { class: 'tick' })] : []),
    ...strips.map(({ device, reason, seconds }, i) => {
      const y = panelsEnd + 18 + i * stripHeight
      const before = x(seconds[0]![0]) - 4
      const named =
        before > left + 90
          ? label(before, y + 12, reason, { class: 'tick', 'text-anchor': 'end' })
          : label(x(seconds.at(-1)![1]) + 4, y + 12, reason, { class: 'tick', 'text-anchor': 'start' })
      return [
        line(left, y + 8, right, y + 8, 'grid'),
        ...seconds.map((each) => span(each, y + 3, 10, 'gap')),
        named,
        html`<title>${deviceText(device, gpus)}: ${reason}</title>`,
      ]
    }),
    line(left, end + 4, right, end + 4, 'axis'),
    ...ticks.map((tick) =>
      label(x(tick), end + 18, `${Number(tick.toPrecision(3))} s`, { class: 'tick', 'text-anchor': 'middle' }),
    ),
    label((left + right) / 2, end + 32, 'time since the load began', { class: 'name', 'text-anchor': 'middle' }),
  )
}

function panelOf(
  { name, format, lines }: Panel,
  x: Scale,
  { left, right, top }: { readonly left: number; readonly right: number; readonly top: number },
): Html {
  const bottom = top + panelHeight - 8
  const [least, most] = extent(lines.flatMap(({ at }) => at.map(([, value]) => value))) ?? [0, 1]
  const margin = most > least ? (most - least) * 0.05 : Math.abs(most) * 0.05 || 1
  const y = linear(Math.max(0, least - margin), most + margin, bottom, top, 3)
  const rows = sparse(y, 22)
  let keyAt = left
  const keys = lines.map((each, i) => {
    const drawn = [
      line(keyAt, top - 6, keyAt + 16, top - 6, `series-${i + 1} key`),
      label(keyAt + 20, top - 2, i === 0 ? `${name}: ${each.name}` : each.name, { class: 'tick' }),
    ]
    keyAt += 34 + (i === 0 ? name.length + 2 + each.name.length : each.name.length) * 6.8
    return drawn
  })
  return html`${[
    ...rows.map((tick) => line(left, y(tick), right, y(tick), 'grid')),
    ...rows.map((tick) =>
      label(left - 6, y(tick) + 4, format(tick).replace(/\.0+(?=\D)|(\.\d*?)0+(?=\D)/, '$1'), {
        class: 'tick',
        'text-anchor': 'end',
      }),
    ),
    ...keys,
    ...lines.map(({ at }, i) =>
      polyline(
        at.map(([t, value]) => (value === undefined ? undefined : ([x(t), y(value)] as const))),
        `series-${i + 1}`,
      ),
    ),
  ]}`
}
