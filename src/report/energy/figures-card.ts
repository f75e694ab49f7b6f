// Every figure of power and energy, with its interval, its grade and what it rests on.
import type { Html } from '../../base/html.ts'
import type { RunDocument } from '../../run/document.ts'
import type { Figure } from '../../run/figure.ts'
import { wideCard } from '../card.ts'
import { cautions, gradeText, intervalOf, quantity, originText, table } from '../text.ts'

export function energyCard(document: RunDocument): Html {
  const { power, energy } = document
  const figures = [
    ['system power', power.system_w],
    ['CPU power', power.cpu_w],
    ['GPU power', power.gpu_w],
    ['energy of the window', energy.total_j],
    ['energy per inference', energy.per_inference_j],
    ['inferences per joule', energy.inferences_per_watt],
    ['FLOP/s per watt', energy.flops_per_watt],
    ['idle power', energy.idle_w ?? null],
    ['energy per inference above idle', energy.net_per_inference_j ?? null],
    ['carbon', energy.carbon_g],
    ...asked('carbon per inference, embodied share included (SCI)', energy.sci?.per_inference_g),
    ...asked('cost of a million inferences', energy.cost?.per_million),
    ...asked('energy-delay product', energy.energy_delay_product_js),
  ] as const
  const rows = figures.map(([name, figure]) => [
    name,
    figure ? quantity(figure) : 'not measured',
    figure?.value === null ? '' : intervalOf(figure),
    gradeText(figure),
    figure ? [figure.scope, figure.basis, originText(figure)].filter(Boolean).join(', ') : '',
  ])
  return wideCard(
    'Every figure and what it rests on',
    table(['', 'value', '95 % interval', 'grade', 'scope and source'], rows, 'Figures of power and energy'),
    cautions(figures),
  )
}

/** A row only where there is a figure. */
const asked = (name: string, figure: Figure | null | undefined): readonly (readonly [string, Figure])[] =>
  figure ? [[name, figure]] : []
