// How busy the hardware was: the CPU and what was taken from it, and each accelerator. Shares have a bar; rates stand as they
// are, since their ceiling was not measured.
import { gpuName } from '../../analysis/channels/device-name.ts'
import { html, type Html } from '../../base/html.ts'
import { cautionText } from '../../run/caution.ts'
import type { RunDocument } from '../../run/document.ts'
import type { Figure } from '../../run/figure.ts'
import { formatPrefixed } from '../../units/quantity.ts'
import { rect } from '../../charts/svg.ts'
import { card } from '../card.ts'
import { table, twoLines, withInterval, type Cell } from '../text.ts'
import { cpuNames, deviceNames, ordered, withHitRates } from './rows.ts'

export function utilizationCards(document: RunDocument): readonly Html[] {
  const { utilization } = document
  if (!utilization) return [absent(document, 'Utilisation', 'utilization')]
  return [
    card('CPU and host', figureTable(cpuRows(document), 'CPU and host', '')),
    ...(utilization.devices ?? []).map(({ device, figures }) => {
      const name = gpuName(device, document.host.gpus)
      const rows = ordered(figures, deviceNames).map(({ name: what, figure }) => [what, figure] as const)
      return card(name, figureTable(rows, name, device), lacking(figures, document))
    }),
  ]
}

type Row = readonly [string, Figure | string | null]

function cpuRows({ utilization: u }: RunDocument): readonly Row[] {
  return [
    ['CPUs used by the target', u!.cpu_cores],
    ['host busy', u!.host_busy],
    ['stolen by other guests', u!.steal],
    ['quota periods throttled', u!.throttled ?? 'no quota counted'],
    ['largest memory of the target', u!.peak_memory_bytes === null ? null : formatPrefixed(u!.peak_memory_bytes, 'B')],
    ...ordered(withHitRates(u!.cpu ?? {}), cpuNames).map(({ name, figure }) => [name, figure] as const),
  ]
}

function figureTable(rows: readonly Row[], caption: string, device: string): Html {
  return table(
    ['', 'in the measured window', ''],
    rows.map(([name, figure]): readonly Cell[] => {
      if (figure === null) return [name, 'not measured', '']
      if (typeof figure === 'string') return [name, figure, '']
      const [value, interval = ''] = withInterval(figure).split(/ (?=\()/)
      const about = [shownOrigin(figure, device), cautionText(figure)].filter(Boolean).join('; ')
      return [twoLines(name, about), twoLines(value!, interval), { html: barOf(figure), longest: '' }]
    }),
    caption,
  )
}

/** The device is the card's: its name in its channels would say it again. */
const shownOrigin = ({ sources = [], how = '' }: Figure, device: string): string =>
  [sources.map((id) => (device === '' ? id : id.replace(`/${device}/`, '/'))).join(' + '), how]
    .filter(Boolean)
    .join('; ')

/** The share as a bar; the number beside it says the same. */
function barOf({ unit, value }: Figure): Html | undefined {
  if (unit !== 'ratio' || value === null) return undefined
  return html`<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${rect({ x: 0, y: 0, width: Math.min(1, Math.max(0, value)) * 100, height: 10 }, 'share')}</svg>`
}

/** Activity counters that this device did not give, with the remedy that was told. */
function lacking(figures: Readonly<Record<string, Figure>>, document: RunDocument): Html | undefined {
  const wanted: readonly (readonly [string, readonly string[]])[] = [
    ['SM occupancy', ['sm_occupancy']],
    ['tensor activity', ['tensor', 'any_tensor']],
    ['DRAM bandwidth', ['dram_utilization', 'dram']],
  ]
  const missing = wanted.filter(([, keys]) => keys.every((key) => !figures[key])).map(([name]) => name)
  if (missing.length === 0) return undefined
  const row = document.unmeasured.find(({ what }) => what === 'gpu_activity')
  const why = row
    ? `${row.reason}; ${row.remedy}`
    : 'they need GPM (Hopper and later) or dcgm-exporter: --sensors +dcgm:ADDRESS'
  return html`<p class="soft">Not measured: ${missing.join(', ')}. ${why}</p>`
}

function absent(document: RunDocument, title: string, what: string): Html {
  const row = document.unmeasured.find((each) => each.what === what)
  const why = row ? `${row.reason}; ${row.remedy}` : 'No sensor counted it; `tailwatt doctor` says why.'
  return card(title, html`<p>Not measured. ${why}</p>`)
}
