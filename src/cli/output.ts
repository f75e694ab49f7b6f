// The one door to the terminal: stdout for the result, stderr for progress and complaints; colour and frames only for a terminal
// that wants them. Nothing else writes to either, so nothing that came from outside reaches a terminal as an order to it.
import { plainLine, styledText } from '../terminal/screen.ts'
import type { Style } from '../terminal/style.ts'

export async function terminalStyle(stream: NodeJS.WriteStream = process.stdout): Promise<Style> {
  const { style } = await import('../terminal/style.ts')
  const colour = stream.isTTY === true && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb'
  return style(colour, Math.min(100, Math.max(40, stream.columns ?? 80)))
}

/** A rendering of `terminal/`. */
export const print = (text: string): void => void process.stdout.write(styledText(text))
/** A name or path as the result. */
export const printLine = (text: string): void => void process.stdout.write(plainLine(text))
/** @param indent 0: one object a line */
export const printJson = (value: unknown, indent: number = 2): void => print(`${JSON.stringify(value, null, indent)}\n`)

/** A sentence on stderr. */
export const complain = (text: string): void => void process.stderr.write(plainLine(text))

/** Draws over the last `lines` lines of a terminal, the one with the cursor included. */
export const redraw = (stream: NodeJS.WriteStream, text: string, lines: number = 1): void =>
  void stream.write(`\r${lines > 1 ? `\u001b[${lines - 1}A` : ''}\u001b[J${styledText(text)}`)

export const showCursor = (stream: NodeJS.WriteStream, shown: boolean): void =>
  void stream.write(`\u001b[?25${shown ? 'h' : 'l'}`)
