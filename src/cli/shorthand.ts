// What may be left out of a command line: `tailwatt model.onnx` is `tailwatt run model.onnx`, `tailwatt zoo` lists the zoo.
import { statSync } from 'node:fs'
import type { Command } from 'commander'

/** @param args without the interpreter and the script */
export function fullArguments(program: Command, args: readonly string[]): readonly string[] {
  const [first, second] = args
  if (first === 'zoo' && (second === undefined || (second.startsWith('-') && !/^(?:-h|--help)$/.test(second))))
    return ['zoo', 'list', ...args.slice(1)]
  const verbs = ['help', ...program.commands.flatMap((command) => [command.name(), ...command.aliases()])]
  if (first === undefined || first.startsWith('-') || verbs.includes(first) || !isTarget(first)) return args
  return ['run', ...args]
}

/** A word alone is a verb, if a misspelt one; anything of the form of a target is one, if it is not there. */
const isTarget = (text: string): boolean =>
  /^[a-z][a-z\d+.-]*:/i.test(text) ||
  /\.(?:onnx|mjs|cjs|js)$/i.test(text) ||
  /[/\\]/.test(text) ||
  statSync(text, { throwIfNoEntry: false })?.isFile() === true
