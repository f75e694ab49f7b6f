// A variable that is nearly one of ours was meant to be it: said in a line, since nothing else would show that it does nothing.
import type { Command } from 'commander'
import { variablesOf } from './environment.ts'

/** A sentence for each variable that does nothing and looks like one that does. */
export function misspelt(program: Command, environment: NodeJS.ProcessEnv): readonly string[] {
  const all = (command: Command): readonly string[] => [
    ...variablesOf(command).map(({ name }) => name),
    ...command.commands.flatMap(all),
  ]
  const known = new Set(all(program))
  return Object.keys(environment)
    .filter((name) => name.startsWith('TAILWATT_') && !known.has(name))
    .flatMap((name) => {
      const meant = [...known].find((other) => distance(name, other) <= (other.length < longName ? 1 : 2))
      return meant === undefined ? [] : [`${name} is not a variable of tailwatt; did you mean ${meant}?`]
    })
}

/** Names of eight letters and more, after the prefix, may have two mistakes. */
const longName = 'TAILWATT_'.length + 8

/** Letters to replace, add, leave out or swap with their neighbour. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) least = Math.min(least, before[j - 2]! + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return last[b.length]!
}
