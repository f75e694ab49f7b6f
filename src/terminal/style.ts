// Colour and width of text for a terminal; plain where there is none. Widths count characters: all that is printed here
// takes one column each.
export interface Style {
  readonly width: number
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly good: (text: string) => string
  readonly warn: (text: string) => string
  readonly bad: (text: string) => string
}

const code =
  (open: number, close: number, on: boolean) =>
  (text: string): string =>
    on ? `\u001b[${open}m${text}\u001b[${close}m` : text

export const style = (colour: boolean, width = 80): Style => ({
  width,
  bold: code(1, 22, colour),
  dim: code(2, 22, colour),
  good: code(32, 39, colour),
  warn: code(33, 39, colour),
  bad: code(31, 39, colour),
})

/** Each code that a style can write; one group, so that `split` keeps them. */
// oxlint-disable-next-line no-control-regex -- the escape is what it looks for
export const styleCode: RegExp = /(\u001b\[(?:1|2|22|3[1239])m)/

export const columns = (text: string): number => [...text.replace(new RegExp(styleCode, 'g'), '')].length

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)))
export const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - columns(text))) + text

/** Breaks at spaces; the first line begins with `first`, the others with `rest`. Words longer than a line stay whole. */
export function wrap(text: string, width: number, first: string = '', rest: string = first): string[] {
  const lines: string[] = []
  let line = first
  let empty = true
  for (const word of text.split(' ')) {
    if (!empty && columns(line) + 1 + columns(word) > width) {
      lines.push(line)
      line = rest
      empty = true
    }
    line += empty ? word : ` ${word}`
    empty = false
  }
  return [...lines, line]
}

/** Rows as aligned columns; numbers to the right where `right` says so. */
export function table(rows: readonly (readonly string[])[], right: readonly boolean[] = [], gap = '  '): string[] {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, columns(cell))), [])
  return rows.map((row) =>
    row
      .map((cell, i) => (right[i] ? padStart(cell, widths[i]!) : padEnd(cell, widths[i]!)))
      .join(gap)
      .trimEnd(),
  )
}
