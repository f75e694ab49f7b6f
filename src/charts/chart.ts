// What every chart gives: a drawing, a sentence that says what it shows, and the numbers as a table, for whoever does not
// see it.
import type { Html } from '../base/html.ts'

export interface Chart {
  readonly id: string
  readonly title: string
  /** What it shows, with its key number; the text alternative of the drawing. */
  readonly description: string
  /** An `<svg>` element; colours come from the page's style by class. */
  readonly svg: Html
  readonly table: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
}
