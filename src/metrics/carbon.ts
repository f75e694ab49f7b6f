// Operational emissions of the measured window.
import type { Metric } from './metric.ts'

export const carbon: Metric = {
  id: 'carbon',
  unit: 'g',
  better: 'lower',
  formula:
    'Operational grams of CO2 equivalent of the measured window: its energy in kWh times the PUE of the building times ' +
    'the carbon intensity of the grid (--region, --grid-intensity). A range where the grid is not known.',
  read: (document) => document.energy.carbon_g ?? undefined,
}
