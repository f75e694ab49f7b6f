// The report's card about arithmetic and memory against their ceilings.
import { html, type Html } from '../../base/html.ts'
import type { RunDocument } from '../../run/document.ts'
import { formatNumber, formatPrefixed } from '../../units/quantity.ts'
import { card } from '../card.ts'
import { pairs, table } from '../text.ts'

/** Only where FLOPs or bytes are known. */
export function ceilingsCard({ utilization }: RunDocument): Html | undefined {
  const { flops_per_s: achieved, mfu, peak, arithmetic_intensity: intensity, memory = [], ceilings } = utilization ?? {}
  if (!achieved && memory.length === 0) return undefined
  const rows: (readonly [string, string])[] = []
  if (achieved && achieved.value !== null) rows.push(['achieved', formatPrefixed(achieved.value, 'FLOP/s')])
  if (mfu && mfu.value !== null && peak)
    rows.push([
      'MFU',
      `${percent(mfu.value)} of ${formatPrefixed(peak.flops_per_s.value!, 'FLOP/s')} (${peak.name}, ${peak.precision}; ${peak.origin})`,
    ])
  else if (achieved) rows.push(['MFU', 'no peak is known; --ceilings measures it'])
  if (intensity && intensity.value !== null)
    rows.push(['arithmetic intensity', `${formatNumber(intensity.value)} FLOP/B, operators one by one`])
  for (const { device, kind, bytes_per_s: rate, share, of } of memory)
    rows.push([
      device === undefined ? 'memory' : `memory of ${device}`,
      [
        rate?.value == null ? '' : `${kind === 'computed' ? 'at least ' : ''}${formatPrefixed(rate.value, 'B/s')}`,
        share?.value == null ? '' : `${percent(share.value)} of ${of}`,
        kind === 'computed' ? 'weights alone, computed' : 'counted',
      ]
        .filter(Boolean)
        .join(', '),
    ])
  const known = [
    ...(ceilings?.compute ?? []).map(({ name, origin, how, flops_per_s: rate }) => [
      name,
      formatPrefixed(rate.value!, 'FLOP/s'),
      origin,
      how,
    ]),
    ...(ceilings?.bandwidth ?? []).map(({ name, origin, how, bytes_per_s: rate }) => [
      `memory ${name}`,
      formatPrefixed(rate.value!, 'B/s'),
      origin,
      how,
    ]),
  ]
  const when = ceilings?.measured_at ? `, measured ${ceilings.measured_at.slice(0, 10)}` : ''
  const all =
    known.length === 0
      ? undefined
      : html`<details><summary>All ceilings${when}</summary>${table(['ceiling', 'at most', 'origin', 'how'], known, 'Ceilings')}</details>`
  return card('Arithmetic and memory', pairs(rows, 'Arithmetic and memory'), all)
}

const percent = (share: number): string => `${formatNumber(share * 100, 2)} %`
