// What cannot be seen is written out: control characters, marks that reorder a line, halves of surrogate pairs. Names, messages
// and labels come from models, servers, meters and run folders; in a terminal or a page they must not act.

/** C0, DEL and C1; line and paragraph separators; bidirectional marks, overrides and isolates. Lone surrogates are apart. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const invisible = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu

const written = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * Every such character in the notation of JSON and JavaScript, line breaks and tabs left as they are. Within a JSON text it
 * changes no value.
 * @example visible('a\u009b1mb') // 'a\\u009b1mb'
 */
export const visible = (text: string): string =>
  text.replace(invisible, (character) => (character === '\n' || character === '\t' ? character : written(character)))

/** One line: line breaks and tabs are spaces, everything else is as {@link visible} writes it. */
export const printable = (text: string): string => visible(text.replace(/[\t\n\v\f\r]+/g, ' '))

/** {@link printable} for every string in data, keys of objects too. What is not plain data stays what it is. */
export function printableData<T>(data: T): T {
  if (typeof data === 'string') return printable(data) as T
  if (Array.isArray(data)) return data.map((each: unknown) => printableData(each)) as T
  if (data === null || typeof data !== 'object' || ArrayBuffer.isView(data)) return data
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [printable(key), printableData(value)])) as T
}
