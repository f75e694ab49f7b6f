// Where results go: stdout for the result, stderr for progress; colour and frames only for a terminal that wants them.
import type { Style } from '../terminal/style.ts'

export async function terminalStyle(stream: NodeJS.WriteStream = process.stdout): Promise<Style> {
  const { style } = await import('../terminal/style.ts')
  const colour = stream.isTTY === true && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb'
  return style(colour, Math.min(100, Math.max(40, stream.columns ?? 80)))
}

export const print = (text: string): void => void process.stdout.write(text)
export const printJson = (value: unknown): void => print(`${JSON.stringify(value, null, 2)}\n`)
