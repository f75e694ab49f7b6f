// Power over the run: each measured device a line; an estimate as a band between its ends, named as one.
import type { Channel } from '../run/channel.ts'
import type { SampleChunk } from '../run/table.ts'
import { formatNumber } from '../units/quantity.ts'
import type { Chart } from './chart.ts'
import { frame, height, legend, plot, width } from './frame.ts'
import { linear } from './scales.ts'
import { band, drawing, polyline } from './svg.ts'

const points = 160

interface Curve {
  readonly name: string
  readonly bound: 'low' | 'high' | undefined
  readonly at: readonly (readonly [number, number])[]
}

export function powerChart(
  samples: readonly SampleChunk[],
  channels: readonly Channel[],
  window: { readonly from: number; readonly to: number },
): Chart | undefined {
  const curves = curvesOf(samples, channels, window)
  const all = curves.flatMap((curve) => curve.at.map(([, watts]) => watts))
  if (all.length < 2) return undefined
  const seconds = (window.to - window.from) / 1e9
  const x = linear(0, seconds, plot.left, plot.right, 8)
  const y = linear(0, Math.max(...all), plot.bottom, plot.top + 24)
  const measured = curves.filter((curve) => curve.bound === undefined)
  const low = curves.find((curve) => curve.bound === 'low')
  const high = curves.find((curve) => curve.bound === 'high')
  const estimate =
    low && high ? low.at.map(([t, watts], i) => [x(t), y(watts), y(high.at[i]?.[1] ?? watts)] as const) : []
  const mean = (curve: Curve): number =>
    curve.at.reduce((sum, [, watts]) => sum + watts, 0) / Math.max(1, curve.at.length)
  const description =
    measured.length > 0
      ? `Power over the run: ${measured.map((curve) => `${curve.name} ${formatNumber(mean(curve))} W in the mean`).join(', ')}.`
      : `An estimate of the CPU's power (grade D), between ${formatNumber(mean(low!))} and ${formatNumber(mean(high!))} W in the mean. It is not measured.`
  return {
    id: 'power',
    title: measured.length > 0 ? 'Power over time' : 'Power over time (estimate)',
    description,
    svg: drawing(
      'power',
      width,
      height,
      'Power over time',
      description,
      frame(
        { scale: x, name: 'time', format: (value) => `${Number(value.toPrecision(3))} s` },
        { scale: y, name: 'power', format: (value) => `${formatNumber(value)} W` },
      ),
      band(estimate, 'estimate'),
      ...measured.map((curve, i) =>
        polyline(
          curve.at.map(([t, watts]) => [x(t), y(watts)] as const),
          `series-${(i % 3) + 1}`,
        ),
      ),
      legend([
        ...measured.map((curve, i) => [curve.name, `series-${(i % 3) + 1}`] as const),
        ...(estimate.length > 0 ? [['estimate, grade D', 'estimate-key'] as const] : []),
      ]),
    ),
    table: {
      head: ['time', ...curves.map((curve) => curve.name)],
      rows: (curves[0]?.at ?? [])
        .filter((_, i, rows) => i % Math.ceil(rows.length / 20) === 0)
        .map(([t], i, rows) => [
          `${t.toFixed(1)} s`,
          ...curves.map(
            (curve) =>
              `${formatNumber(curve.at[Math.round((i / Math.max(1, rows.length - 1)) * (curve.at.length - 1))]?.[1] ?? 0)} W`,
          ),
        ]),
    },
  }
}

function curvesOf(
  samples: readonly SampleChunk[],
  channels: readonly Channel[],
  window: { readonly from: number; readonly to: number },
): readonly Curve[] {
  const shown = (channel: Channel): boolean =>
    channel.quantity === 'energy' ||
    (channel.quantity === 'power' &&
      !channels.some((other) => other.quantity === 'energy' && other.device === channel.device))
  return channels.flatMap((channel, index) => {
    if (!shown(channel) || channel.check === true || channel.scope === 'core' || channel.scope === 'uncore') return []
    const readings: (readonly [number, number])[] = []
    for (const chunk of samples)
      for (let i = 0; i < chunk.length; i++)
        if (chunk.channel[i] === index && chunk.t[i]! >= window.from && chunk.t[i]! <= window.to)
          readings.push([chunk.t[i]!, chunk.value[i]!])
    const at =
      channel.quantity === 'energy'
        ? slopes(readings, window.from)
        : readings.map(([t, v]) => [(t - window.from) / 1e9, v] as const)
    const known = at.filter(([, watts]) => Number.isFinite(watts))
    if (known.every(([, watts]) => watts === 0)) return []
    return [
      {
        name: channel.bound ? `estimate, ${channel.bound} end` : `${channel.scope} ${channel.device ?? ''}`.trim(),
        bound: channel.bound,
        at: known,
      },
    ]
  })
}

/** Mean power between readings that are far enough apart to draw. */
function slopes(readings: readonly (readonly [number, number])[], from: number): (readonly [number, number])[] {
  const step = Math.max(1, Math.floor(readings.length / points))
  const curve: (readonly [number, number])[] = []
  for (let i = step; i < readings.length; i += step) {
    const [t0, v0] = readings[i - step]!
    const [t1, v1] = readings[i]!
    curve.push([((t0 + t1) / 2 - from) / 1e9, ((v1 - v0) / (t1 - t0)) * 1e9])
  }
  return curve
}
