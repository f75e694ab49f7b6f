// The flags that say what energy means: for `run`, and for a stored run that is looked at again.
import type { Command } from 'commander'
import type { EnergyOptions } from '../index.ts'
import { intensityFlag, pueFlag } from './flags.ts'

export const energyFlags: readonly (keyof EnergyOptions)[] = ['region', 'gridIntensity', 'pue', 'tariff', 'embodied']

export const withEnergyFlags = (command: Command): Command =>
  command
    .option(
      '--region <area>',
      'where the electricity comes from: DE, Norway, world, aws:eu-north-1, em:DE (live, with a key)',
    )
    .option('--grid-intensity <g/kWh>', 'carbon of the electricity, such as 250g/kWh', intensityFlag)
    .option(
      '--pue <number>',
      'energy of the building over that of its computers (default: that of the cloud, or 1)',
      pueFlag,
    )
    .option('--tariff <price/kWh>', 'what electricity costs, such as 0.30EUR/kWh')
    .option(
      '--embodied <mass/life>',
      'emissions of making the machine, such as 1200kg/4y, or 1200kg/4y/25% for a share of it',
    )

/** Those that were given. */
export const energyOptions = ({ region, gridIntensity, pue, tariff, embodied }: EnergyOptions): EnergyOptions => ({
  ...(region === undefined ? {} : { region }),
  ...(gridIntensity === undefined ? {} : { gridIntensity }),
  ...(pue === undefined ? {} : { pue }),
  ...(tariff === undefined ? {} : { tariff }),
  ...(embodied === undefined ? {} : { embodied }),
})
