// Walks a graph whose inputs have sizes and gives every value its shape, folding the small constants shapes are made of.
// What it cannot know stays unknown, with the reason; it refuses nothing that an engine might accept.
import { constants } from './constants.ts'
import { dense } from './shape-rules/dense.ts'
import { elementwise } from './shape-rules/elementwise.ts'
import { type Dimension, type Graph, type Model, type Node, type ValueInfo } from './model.ts'
import { movement } from './shape-rules/movement.ts'
import { Call, ShapeError, unknown, value, type Rules, type Value } from './value.ts'

const rules: Rules = { ...elementwise, ...movement, ...constants, ...dense }

/** Domains whose operators the rules know. */
const domains = new Set(['', 'com.microsoft'])

/** One node as it will run. */
export interface Step {
  readonly call: Call
  readonly outputs: readonly Value[]
  /** How often it runs in one inference: loops; NaN when that depends on data. */
  readonly times: number
}

export interface Inferred {
  readonly values: ReadonlyMap<string, Value>
  /** Nodes in order, those of subgraphs after the node that holds them. */
  readonly steps: readonly Step[]
  /** Why a shape first stayed unknown. */
  readonly problem: string | undefined
  /** Sizes that contradict each other: an engine would most likely refuse to run it. */
  readonly conflict: string | undefined
}

/** @param inputs shapes of the graph's inputs by name @param symbols sizes of symbolic dimensions by name */
export function inferShapes(
  model: Model,
  inputs: ReadonlyMap<string, readonly number[]>,
  symbols: ReadonlyMap<string, number> = new Map(),
): Inferred {
  const walk = new Walk(model.opsets.get('') ?? 1, symbols)
  const scope = new Map<string, Value>()
  for (const input of model.graph.inputs) scope.set(input.name, value(input.dtype, inputs.get(input.name)))
  walk.graph(model.graph, scope, 1)
  return { values: scope, steps: walk.steps, problem: walk.problem, conflict: walk.conflict }
}

class Walk {
  readonly steps: Step[] = []
  problem: string | undefined
  conflict: string | undefined
  readonly #opset: number
  readonly #symbols: ReadonlyMap<string, number>

  constructor(opset: number, symbols: ReadonlyMap<string, number>) {
    this.#opset = opset
    this.#symbols = symbols
  }

  /** Adds to `scope` what the graph computes; gives its outputs. */
  graph(graph: Graph, scope: Map<string, Value>, times: number): readonly Value[] {
    for (const tensor of graph.initializers.values())
      scope.set(tensor.name, {
        dtype: tensor.dtype,
        shape: tensor.dims,
        ...(tensor.values && { values: tensor.values }),
      })
    const declared = new Map(graph.values)
    for (const output of graph.outputs) declared.set(output.name, output)
    for (const node of graph.nodes) {
      const call = new Call(
        node,
        node.inputs.map((name) => scope.get(name) ?? unknown),
        this.#opset,
      )
      const at = this.steps.length
      this.steps.push({ call, outputs: [], times })
      const found = this.#outputs(call, scope, times)
      const outputs = node.outputs.map((name, i) => this.#settle(found[i] ?? unknown, declared.get(name)))
      this.steps[at] = { call, outputs, times }
      for (const [i, name] of node.outputs.entries()) if (name !== '') scope.set(name, outputs[i]!)
    }
    return graph.outputs.map((output) => scope.get(output.name) ?? unknown)
  }

  #outputs(call: Call, scope: ReadonlyMap<string, Value>, times: number): readonly Value[] {
    const { op, domain } = call.node
    try {
      if (domain === '' && op === 'If') return this.#if(call, scope, times)
      if (domain === '' && op === 'Loop') return this.#loop(call, scope, times)
      if (domain === '' && op === 'Scan') return this.#scan(call, scope, times)
      const rule = domains.has(domain) && Object.hasOwn(rules, op) ? rules[op] : undefined
      if (rule) return rule(call)
      this.#note(`the operator ${nameOf(call.node)} is not known here`)
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error
      const conflict = `${nameOf(call.node)} ${call.node.name}: ${error.message} does not fit`
      // Of two branches one may never be taken with these sizes.
      if (!Number.isNaN(times)) this.conflict ??= conflict
      this.#note(conflict)
    }
    return []
  }

  /** What the model itself declares fills in what was not inferred. */
  #settle(found: Value, declared: ValueInfo | undefined): Value {
    if (found.shape || !declared?.shape) return found
    const shape = resolve(declared.shape, this.#symbols)
    return shape ? { dtype: found.dtype || declared.dtype, shape } : found
  }

  #if(call: Call, scope: ReadonlyMap<string, Value>, times: number): readonly Value[] {
    const [yes, no] = [call.attribute('then_branch')?.g, call.attribute('else_branch')?.g]
    const condition = call.at(0).values?.[0]
    if (condition !== undefined) {
      const taken = condition ? yes : no
      return taken ? this.graph(taken, new Map(scope), times) : []
    }
    const [a, b] = [yes, no].map((branch) => (branch ? this.graph(branch, new Map(scope), Number.NaN) : []))
    return a!.map((v, i) => {
      const same = v.shape && b![i]?.shape && v.shape.join() === b![i].shape.join()
      return { dtype: v.dtype, shape: same ? v.shape : undefined }
    })
  }

  #loop(call: Call, scope: ReadonlyMap<string, Value>, times: number): readonly Value[] {
    const body = call.attribute('body')?.g
    if (!body) return []
    const trips = call.at(0).values?.[0]
    const inner = new Map(scope)
    const carried = call.inputs.slice(2)
    for (const [i, input] of body.inputs.entries()) {
      const from = i < 2 ? value(input.dtype, []) : (carried[i - 2] ?? unknown)
      // Values change from trip to trip, and so may shapes: only what the body declares or keeps is believed.
      inner.set(input.name, { dtype: from.dtype, shape: from.shape })
    }
    const results = this.graph(body, inner, trips === undefined ? Number.NaN : times * trips).slice(1)
    return results.map((result, i) => {
      if (i < carried.length) {
        const kept = result.shape && carried[i]!.shape?.join() === result.shape.join()
        return { dtype: result.dtype, shape: kept ? result.shape : undefined }
      }
      return value(result.dtype, trips === undefined ? undefined : result.shape && [trips, ...result.shape])
    })
  }

  #scan(call: Call, scope: ReadonlyMap<string, Value>, times: number): readonly Value[] {
    const body = call.attribute('body')?.g
    const scanned = call.int('num_scan_inputs', 0)
    if (!body || call.inputs.length < scanned) return []
    const states = call.inputs.length - scanned
    const length = call.inputs[states]?.shape?.[0]
    const inner = new Map(scope)
    for (const [i, input] of body.inputs.entries()) {
      const from = call.inputs[i] ?? unknown
      inner.set(input.name, { dtype: from.dtype, shape: i < states ? from.shape : from.shape?.slice(1) })
    }
    const results = this.graph(body, inner, length === undefined ? Number.NaN : times * length)
    return results.map((result, i) =>
      i < states
        ? { dtype: result.dtype, shape: result.shape }
        : value(result.dtype, length === undefined ? undefined : result.shape && [length, ...result.shape]),
    )
  }

  #note(problem: string): void {
    this.problem ??= problem
  }
}

export const nameOf = (node: Node): string => (node.domain === '' ? node.op : `${node.domain}.${node.op}`)

/** Sizes of declared dimensions, or `undefined` when one is not known. */
export function resolve(
  shape: readonly Dimension[],
  symbols: ReadonlyMap<string, number>,
): readonly number[] | undefined {
  const dims = shape.map((dim) => (typeof dim === 'string' ? sizeOf(dim, symbols) : dim))
  return dims.every((dim) => dim !== undefined) ? dims : undefined
}

/** A symbolic dimension's size; exporters also write sums and products of names, such as `past_length + 1`. */
export function sizeOf(dimension: string, symbols: ReadonlyMap<string, number>): number | undefined {
  const known = symbols.get(dimension)
  if (known !== undefined) return known
  if (!/^[\w\s+*-]+$/.test(dimension) || !/[+*-]/.test(dimension)) return undefined
  const term = (text: string): number => {
    const factors = text.split('*').map((factor) => {
      const name = factor.trim()
      return /^\d+$/.test(name) ? Number(name) : (symbols.get(name) ?? Number.NaN)
    })
    return factors.reduce((a, b) => a * b, 1)
  }
  let sum = 0
  for (const [, sign, text] of dimension.matchAll(/([+-]?)([^+-]+)/g)) sum += (sign === '-' ? -1 : 1) * term(text!)
  return Number.isSafeInteger(sum) && sum >= 0 ? sum : undefined
}
