// The energy-delay product, which a setting that saves energy by being slow does not win.
import type { Figure } from '../run/figure.ts'
import { scaled } from './energy/figures.ts'

/** Joules an inference times the seconds it takes, J·s; the energy's interval alone is carried. */
export const energyDelayProduct = (perInference: Figure, delay_s: number): Figure =>
  scaled(perInference, delay_s, 'J·s')
