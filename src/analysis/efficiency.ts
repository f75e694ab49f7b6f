// Energy-delay product: what an inference costs in joules times how long it takes.
import type { Figure } from '../run/figure.ts'
import { scaled } from './energy/figures.ts'

/** Joules an inference times the seconds it takes, J·s; the energy's interval alone is carried. */
export const energyDelayProduct = (perInference: Figure, delay_s: number): Figure =>
  scaled(perInference, delay_s, 'J·s')
