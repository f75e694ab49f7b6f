// A drawing in three sizes, so that its text can be read on a telephone and does not shout on a wide screen: the page shows
// the one that fits.
import { html, type Html } from '../base/html.ts'

export const sizes = [
  { name: 'wide', width: 1080 },
  { name: 'mid', width: 640 },
  { name: 'narrow', width: 340 },
] as const
export type Size = (typeof sizes)[number]

/** @param draw must use the size's name in every id, which are unique in a page */
export const inSizes = (draw: (size: Size) => Html): Html =>
  html`${sizes.map((size) => html`<div class="size-${size.name}">${draw(size)}</div>`)}`
