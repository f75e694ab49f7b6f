// Energy-delay product of an inference.
import type { Metric } from './metric.ts'

export const edp: Metric = {
  id: 'edp',
  unit: 'J·s',
  better: 'lower',
  formula:
    'Energy-delay product: energy per inference times the mean service time of its request (started to done, without ' +
    'waiting). Its interval is that of the energy.',
  read: (document) => document.energy.energy_delay_product_js ?? undefined,
}
