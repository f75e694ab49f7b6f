// A demo run: a machine simulated, its sensors read, all laid out as a measurement would have left it. Nothing behind this
// knows that it is one, but by the manifest's `synthetic`.
import type { ToolFacts } from '../run/manifest.ts'
import type { Measured } from '../run/source.ts'
import { noRows } from '../run/table.ts'
import type { Board } from './board.ts'
import { a100 } from './boards/a100.ts'
import { h100 } from './boards/h100.ts'
import { eventsOf } from './events.ts'
import { simulate } from './machine.ts'
import { manifestOf } from './manifest.ts'
import { readAll } from './samples.ts'
import type { Truth } from './truth.ts'

const boards: readonly Board[] = [h100, a100]

export const demoNames: readonly string[] = boards.map(({ name }) => name)

export interface DemoRun {
  readonly measured: Measured
  readonly truth: Truth
}

/** `undefined` where there is no such board. The same name gives the same run. */
export function demoRun(name: string, tool: ToolFacts): DemoRun | undefined {
  const board = boards.find((board) => board.name === name)
  return board && runOf(board, tool)
}

/** The run of any board; another seed is another run of it. */
export function runOf(board: Board, tool: ToolFacts): DemoRun {
  const truth = simulate(board)
  const readings = readAll(board, truth)
  const manifest = manifestOf(board, truth, readings, tool)
  const events = eventsOf(truth, readings)
  return { truth, measured: { manifest, ...noRows(), requests: [truth.requests], samples: readings.samples, events } }
}
