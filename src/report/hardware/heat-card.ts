// Heat: what rose and what held the devices back, and whether the slow seconds were those.
import { html, type Html } from '../../base/html.ts'
import { ownName } from '../../analysis/channels/device-name.ts'
import type { RunDocument } from '../../run/document.ts'
import type { ThermalSection } from '../../run/sections/hardware.ts'
import { formatNumber } from '../../units/quantity.ts'
import { card } from '../card.ts'
import { ms, pairs, quantity, shortIds, table, twoLines, withInterval } from '../text.ts'

/** Share of the window in each throttle reason. */
export function throttleCard({ thermal, host }: RunDocument): Html | undefined {
  if (!thermal) return undefined
  const rows = thermal.throttled.map((row) => [
    ownName(row.device, host.gpus),
    twoLines(row.reason, shortIds(row.source)),
    row.thermal ? 'heat' : 'power or a limit',
    row.share ? withInterval(row.share) : `${row.times} times`,
  ])
  return card(
    'What held the devices back',
    rows.length === 0
      ? html`<p>No throttling was counted in the measured window.</p>`
      : table(['device', 'reason', 'kind', 'share of the time'], rows, 'Throttling by reason'),
    coincidenceText(thermal),
  )
}

function coincidenceText({ coincidence }: ThermalSection): Html | undefined {
  if (!coincidence) return undefined
  const {
    throttled_s: held,
    free_s: free,
    throttled_ms: slow,
    free_ms: fast,
    change,
    excess_share: share,
  } = coincidence
  return pairs(
    [
      ['seconds held back', `${formatNumber(held)} of ${formatNumber(held + free)}`],
      ['service time in them', `${ms(slow)}, in the others ${ms(fast)}`],
      ['difference', change ? withInterval(change) : 'too few seconds of either kind'],
      [
        'of all that was slower than unthrottled',
        share === null
          ? '–'
          : `${quantity({ value: share, low: null, high: null, n: 0, unit: 'ratio' })} fell into seconds held back: a coincidence, not a cause`,
      ],
    ],
    'Throttling and latency',
  )
}

export function temperaturesCard({ thermal }: RunDocument): Html | undefined {
  if (!thermal) return undefined
  const rows = [...thermal.temperatures, ...thermal.clocks].map((course) => {
    const unit = course.unit === 'degC' ? '°C' : course.unit
    return [
      shortIds(course.channel),
      ...[course.start, course.min, course.max, course.end].map((v) => `${formatNumber(v)} ${unit}`),
    ]
  })
  return rows.length === 0
    ? undefined
    : card(
        'Temperatures and clocks',
        table(['channel', 'at first', 'least', 'most', 'at last'], rows, 'Temperatures and clocks'),
      )
}
