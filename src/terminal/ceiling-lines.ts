// Lines of the summary about arithmetic and memory: FLOP/s, their share of a peak with whence it is known, and bandwidth.
import { printableData } from '../base/printable.ts'
import {
  formatNumber,
  formatPrefixed,
  type BandwidthCeiling,
  type ComputeCeiling,
  type HostCeilings,
  type RunDocument,
} from '../index.ts'
import type { Line } from './energy-lines.ts'
import { percentText } from './figures.ts'
import { table, type Style } from './style.ts'

export function ceilingLines({ utilization }: RunDocument, line: Line): string[] {
  const { flops_per_s: achieved, mfu, peak, ceilings, memory = [] } = utilization ?? {}
  if (!achieved || achieved.value === null) return []
  const share =
    mfu && mfu.value !== null && peak
      ? ` · MFU ${percentText(mfu.value)} of ${formatPrefixed(peak.flops_per_s.value!, 'FLOP/s')} (${originText(peak, ceilings?.measured_at ?? null)})`
      : ''
  const measure = peak?.provider === undefined && peak?.device === undefined ? ' · --ceilings measures the peak' : ''
  return [
    ...line('Compute', `${formatPrefixed(achieved.value, 'FLOP/s')}${share}${measure}`),
    ...memory.flatMap((traffic) => line('Memory', memoryText(traffic))),
  ]
}

/** Whence a peak is known, in as few words as can be. */
export function originText(peak: ComputeCeiling, measuredAt: string | null): string {
  if (peak.origin === 'datasheet') return `${peak.name}, datasheet`
  if (peak.origin === 'table') return 'table: cores × clock × width'
  return `${peak.name}, measured ${measuredAt?.slice(0, 10) ?? ''}`.trimEnd()
}

function memoryText({
  device,
  kind,
  bytes_per_s: rate,
  share,
  of,
}: NonNullable<NonNullable<RunDocument['utilization']>['memory']>[number]): string {
  const amount =
    rate?.value == null ? '' : `${kind === 'computed' ? 'at least ' : ''}${formatPrefixed(rate.value, 'B/s')}`
  const part = share?.value == null ? '' : `${percentText(share.value)} of ${of}`
  const words = [amount, part].filter(Boolean).join(', ')
  return `${device === undefined ? '' : 'GPU '}${words}${kind === 'computed' ? ' (weights alone, computed)' : ''}`
}

/** All that was measured, for `tailwatt doctor --ceilings`. */
export function ceilingTable(measured: HostCeilings, s: Style): string {
  const ceilings = printableData(measured)
  const row = ({ name, origin, flops_per_s: rate }: ComputeCeiling): readonly string[] => [
    name,
    formatPrefixed(rate.value!, 'FLOP/s'),
    origin === 'measured' ? spread(rate.low, rate.value) : origin,
  ]
  const bandwidth = ({ name, bytes_per_s: rate }: BandwidthCeiling): readonly string[] => [
    `memory ${name}`,
    formatPrefixed(rate.value!, 'B/s'),
    spread(rate.low, rate.value),
  ]
  const head = ['ceiling', 'best', 'median below the best'].map(s.dim)
  const rows = [...ceilings.compute.map(row), ...ceilings.bandwidth.map(bandwidth)]
  return `${table([head, ...rows], [false, true, true]).join('\n')}\n`
}

const spread = (median: number | null, best: number | null): string =>
  median === null || best === null ? '' : `${formatNumber((1 - median / best) * 100, 2)} %`
