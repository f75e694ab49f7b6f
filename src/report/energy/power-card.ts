// Power over time with its key: what each colour stands for, its mean power and its joules.
import type { PowerStackChart } from '../../charts/power-stack-chart.ts'
import type { PowerKey } from '../../charts/power-stack-key.ts'
import { html, type Html } from '../../base/html.ts'
import { formatNumber } from '../../units/quantity.ts'
import { chartCard } from '../card.ts'
import { table, withInterval, type Cell } from '../text.ts'

export const powerCard = (chart: PowerStackChart): Html => chartCard(chart, keyTable(chart.keys), true)

function keyTable(keys: readonly PowerKey[]): Html {
  const watts = (value: number | undefined): string => (value === undefined ? '' : `${formatNumber(value)} W`)
  return table(
    ['', 'mean', 'in the measured window', 'without load', 'grade'],
    keys.map((key): readonly Cell[] => [
      { html: html`<span class="key ${key.className}" aria-hidden="true"></span>${key.name}`, longest: key.name },
      key.range ? `${formatNumber(key.range[0])} … ${formatNumber(key.range[1])} W` : watts(key.mean),
      withInterval(key.joules).replace('–', ''),
      watts(key.idle),
      key.joules?.grade ?? (key.range ? 'D' : ''),
    ]),
    'Key of the power chart',
  )
}
