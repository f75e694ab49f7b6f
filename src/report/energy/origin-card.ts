// Where the figures come from: each power sensor with what its own readings say of it, and the readings held against each
// other.
import { html, type Html } from '../../base/html.ts'
import type { RunDocument } from '../../run/document.ts'
import type { EnergyCheck, SensorCharacter } from '../../run/sections/energy.ts'
import type { Channel } from '../../run/channel.ts'
import { formatNumber, formatPrefixed } from '../../units/quantity.ts'
import { wideCard } from '../card.ts'
import { gradeKey, idsText, quantity, shortIds, table, twoLines, withInterval, type Cell } from '../text.ts'
import { divided } from './chain-card.ts'

/** One row a channel of power or energy, estimates too. */
export function sensorsCard(document: RunDocument): Html | undefined {
  const characters = new Map((document.sensors ?? []).map((sensor) => [sensor.channel, sensor]))
  const channels = document.channels.filter(
    ({ id, quantity, bound }) =>
      (quantity === 'energy' || quantity === 'power') && (characters.has(id) || bound !== undefined),
  )
  if (channels.length === 0) return undefined
  return wideCard(
    'Origin of the figures',
    table(
      [
        'channel',
        'grade',
        'origin',
        'updates each',
        'averages over',
        'smallest step',
        'read each',
        'a read takes',
        'sensor’s error',
      ],
      channels.map((channel) => sensorRow(channel, characters.get(channel.id), document)),
      'Sensors of power and energy',
    ),
    html`<p class="soft">Update period, averaging window and step are from the readings themselves unless declared by the sensor. The error of the sensor is a bound that its maker or a study states; it cancels only between runs on the same device. ${gradeKey}</p>`,
  )
}

function sensorRow(channel: Channel, seen: SensorCharacter | undefined, document: RunDocument): readonly Cell[] {
  const ms = (value: number | null | undefined): string =>
    value === null || value === undefined ? '–' : `${formatNumber(value)} ms`
  const declared = seen?.period_ms === null && channel.period_ms !== undefined ? ' (declared)' : ''
  return [
    twoLines(
      shortIds(channel.id),
      `${channel.scope}, ${kindOf(channel)}${channel.check === true ? ', only a check' : ''}`,
    ),
    channel.grade ?? '–',
    originOf(channel, document),
    seen?.period_ms === null && channel.period_ms === undefined
      ? 'as fast as it was read'
      : `${ms(seen?.period_ms ?? channel.period_ms)}${declared}`,
    channel.quantity === 'energy'
      ? 'counts'
      : `${ms(seen?.window_ms)}${seen?.window_from === 'step' ? ' (from the rise at the start)' : ''}`,
    seen?.step === null || seen?.step === undefined ? '–' : small(seen.step, channel.unit),
    ms(seen?.poll_ms),
    seen?.read_us === null || seen?.read_us === undefined ? '–' : `${formatNumber(seen.read_us)} µs`,
    channel.systematic === undefined ? 'not stated' : `±${formatNumber(channel.systematic * 100)} %`,
  ]
}

const small = (step: number, unit: string): string =>
  step < 1e-3
    ? `${formatNumber(step * 1e6)} µ${unit}`
    : step < 1
      ? `${formatNumber(step * 1e3)} m${unit}`
      : formatPrefixed(step, unit)

const kindOf = ({ quantity, kind }: Channel): string =>
  quantity === 'energy' ? 'energy counter' : kind === 'average' ? 'power, averaged' : 'power, instant'

/** Said of every channel: whether anyone measured it. */
export function originOf(channel: Channel, { synthetic }: RunDocument): string {
  if (synthetic) return 'synthetic'
  if (channel.origin === 'replayed') return 'replayed'
  return channel.grade === 'D' || channel.bound !== undefined ? 'estimated' : 'measured'
}

export function checksCard({ energy }: RunDocument): Html | undefined {
  const checks = energy.checks ?? []
  if (checks.length === 0) return undefined
  return wideCard(
    'Readings held against each other',
    table(
      ['reading', 'against', 'difference', 'verdict'],
      checks.map((check) => [
        twoLines(idsText(check.what), withInterval(check.joules)),
        twoLines(idsText(check.against), withInterval(check.against_joules)),
        differenceOf(check),
        verdictOf(check),
      ]),
      'Cross-checks',
    ),
    html`<p class="soft">Two readings of the same joules must agree within their intervals; a part must not exceed the whole it lies in. What a whole shows beyond its parts is unaccounted, not wrong.</p>`,
  )
}

function differenceOf({ residual, residual_j: joules, residual_w: watts }: EnergyCheck): string {
  if (joules === null || watts === null) return 'not known'
  if (!residual) return quantity({ value: watts, low: null, high: null, n: 0, unit: 'W' })
  return withInterval(divided(residual, joules === 0 ? 1 : joules / watts))
}

function verdictOf({ kind, agrees, residual_w: watts, residual }: EnergyCheck): string {
  if (agrees === null) return 'cannot be judged'
  if (!agrees) return kind === 'same' ? 'disagree' : 'the part exceeds the whole'
  if (kind === 'same') return 'agree: the same joules'
  const told = residual?.low !== null && residual?.low !== undefined && residual.low > 0
  return told && watts !== null ? `${formatNumber(watts)} W unaccounted` : 'nothing unaccounted beyond the intervals'
}
