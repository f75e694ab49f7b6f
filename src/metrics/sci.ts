// Software Carbon Intensity, operational and embodied emissions of an inference.
import type { Metric } from './metric.ts'

export const sci: Metric = {
  id: 'sci',
  unit: 'g',
  better: 'lower',
  formula:
    'Software Carbon Intensity (ISO/IEC 21031:2024): ((E × I) + M) per R. E is the energy of the measured window with the ' +
    'PUE in it, kWh; I the location-based intensity of the grid, g/kWh; M the embodied emissions (--embodied) times the ' +
    'window’s share of the lifespan times the share of the machine; R the inferences. The scope of E is the boundary.',
  read: (document) => document.energy.sci?.per_inference_g ?? undefined,
}
