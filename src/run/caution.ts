// What is to be kept in mind of a figure: a code for programs, a sentence for people.

export type CautionCode =
  /** Fewer than ten samples lie above a percentile. */
  | 'too-few-samples'
  /** The window is too short for the sensor. */
  | 'below-resolution'
  /** A live window with fewer than two updates of its sensor in it. */
  | 'short-window'
  /** The load repeats in step with a sensor that sees a part of the time. */
  | 'aliasing'
  /** Readings cover a part of the window. */
  | 'partly-covered'
  | 'suspended'
  | 'replayed'
  | 'synthetic'
  /** A model's range, not measured. */
  | 'estimate'
  /** Whether the platform counter holds the graphics card is not known. */
  | 'gpu-may-be-beside'
  | 'idle-measured-once'
  | 'idle-not-steady'
  | 'grid-not-known'
  | 'grid-partly-covered'
  | 'grid-estimated'
  /** An event was counted during a part of the time, and scaled up. */
  | 'scaled-up'
  /** Other programs used the CPUs while a ceiling was measured. */
  | 'disturbed'
  /** A share of more than all there is. */
  | 'above-ceiling'
  /** Of a run of format 1, in words that no tailwatt wrote. */
  | 'other'

export interface Caution {
  readonly code: CautionCode
  readonly text: string
}

interface Cautioned {
  readonly cautions?: readonly Caution[]
}

/** `figure` with these cautions instead of its own, each said once. */
export function withCautions<F extends Cautioned>(figure: F, cautions: readonly Caution[]): F {
  const { cautions: _, ...rest } = figure
  const once = new Map(cautions.map((caution) => [caution.text, caution]))
  return (once.size === 0 ? rest : { ...rest, cautions: [...once.values()] }) as F
}

/** `undefined` where there is none. */
export const cautionText = ({ cautions }: Cautioned): string | undefined => cautions?.map(({ text }) => text).join('; ')

export const hasCaution = (figure: Cautioned | null | undefined, code: CautionCode): boolean =>
  figure?.cautions?.some((caution) => caution.code === code) ?? false
