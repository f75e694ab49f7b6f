// The last step before a terminal. Renderings make text from outside printable where they take it in; whatever got past them
// is written out here, so that a terminal gets text, line breaks and the codes of our own style, and nothing else.
import { printable, visible } from '../base/printable.ts'
import { styleCode } from './style.ts'

/** A sentence or a path, which has no style: one line whatever it contains. */
export const plainLine = (text: string): string => `${printable(text)}\n`

/** Lines of a rendering, with its style. A JSON text means the same afterwards. */
export const styledText = (text: string): string =>
  text
    .split(styleCode)
    .map((part, i) => (i % 2 === 0 ? visible(part) : part))
    .join('')
