// Power over time with its key: what each colour stands for, its mean power and its joules.
import type { PowerStackChart } from '../../charts/power-stack-chart.ts'
import type { PowerKey } from '../../charts/power-stack-key.ts'
import { escape } from '../../charts/svg.ts'
import { formatNumber } from '../../units/quantity.ts'
import { chartCard } from '../card.ts'
import { table, withInterval, type Cell } from '../text.ts'

export const powerCard = (chart: PowerStackChart): string => chartCard(chart, keyTable(chart.keys), true)

function keyTable(keys: readonly PowerKey[]): string {
  const watts = (value: number | undefined): string => (value === undefined ? '' : `${formatNumber(value)} W`)
  return table(
    ['', 'mean', 'in the measured window', 'without load', 'grade'],
    keys.map((key): readonly Cell[] => [
      { html: `<span class="key ${key.className}" aria-hidden="true"></span>${escape(key.name)}` },
      key.range ? `${formatNumber(key.range[0])} … ${formatNumber(key.range[1])} W` : watts(key.mean),
      withInterval(key.joules).replace('–', ''),
      watts(key.idle),
      key.joules?.grade ?? (key.range ? 'D' : ''),
    ]),
    'Key of the power chart',
  )
}
