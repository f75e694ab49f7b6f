// What the verbs that open a stored run take: where the runs are, and the energy context to recalculate it with.
import type { EnergyOptions } from '../index.ts'
import { energyOptions } from './energy-flags.ts'

export interface OpenFlags extends EnergyOptions {
  readonly json?: boolean
  readonly out?: string
}

export const openOptions = (flags: OpenFlags): { readonly out?: string } & EnergyOptions => ({
  ...(flags.out === undefined ? {} : { out: flags.out }),
  ...energyOptions(flags),
})
