// Everything that can be said of a model file before it runs: sizes, operators, inputs as they will be fed, and what one
// inference costs. Runs nothing and reads no weights.
import { TailwattError } from '../base/errors.ts'
import type { ModelFacts, TensorFacts } from '../run/manifest.ts'
import type { ByteSource } from '../run/ports.ts'
import { totalCost } from './flops.ts'
import { bindInputs, defaultSizes, type Bound, type Defaults } from './dimensions.ts'
import { planFill } from './inputs.ts'
import { dtypeName, elements, type Dimension, type Graph, type Model } from './model.ts'
import { readModel } from './read.ts'
import { inferShapes, nameOf, type Inferred } from './shapes.ts'
import { macsType, totalTraffic } from './traffic.ts'

export interface InspectOptions {
  /** For messages and the facts. */
  readonly path: string
  /** Shapes given by the user, by input name. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>
  /** Samples in one request; fills the batch dimension. Default 1. */
  readonly batch?: number
  /** Size of a file of external weights beside the model, by its location; `undefined` when it is not there. */
  readonly external?: (location: string) => number | undefined
}

/**
 * @throws TailwattError `model-not-onnx` when the file (or a file its weights lie in) is not whole, `shape-invalid` when a
 * shape does not fit its input
 * @example inspectModel(openFileSource(path), { path, shapes: { ids: [1, 128] } })
 */
export function inspectModel(source: ByteSource, options: InspectOptions): ModelFacts {
  return modelFacts(readModel(source, options.path), source.size, options)
}

/** As {@link inspectModel}, of a model already read. @param size of the model file */
export function modelFacts(model: Model, size: number, options: InspectOptions): ModelFacts {
  const { path, shapes = {}, batch = 1, external } = options
  const { graph } = model
  const { bound, inferred } = settle(model, shapes, batch)
  const cost = totalCost(inferred)
  const traffic = totalTraffic(graph, inferred)
  const type = macsType(inferred)
  const sequence = Math.max(1, ...bound.inputs.filter(({ used }) => used.length === 2).map(({ used }) => used[1]!))
  const inputs: TensorFacts[] = bound.inputs.map(({ input, used, defaulted }) => ({
    name: input.name,
    dtype: dtypeName(input.dtype),
    shape: dimensions(input.shape),
    used,
    defaulted,
    fill: planFill(graph, input, used, sequence),
  }))
  return {
    path,
    bytes: size + externalBytes(graph, path, external),
    parameters: parameters(graph),
    ir_version: model.irVersion,
    opset: model.opsets.get('') ?? Math.max(0, ...model.opsets.values()),
    ...operators(graph),
    // A batch costs its samples; what is shared is too small to show.
    ...('unknown' in cost
      ? { macs: null, flops: null, macs_unknown: cost.unknown }
      : { macs: cost.macs / batch, flops: cost.flops / batch }),
    ...(type === undefined ? {} : { macs_dtype: type }),
    traffic: traffic ? { weight_bytes: traffic.weightBytes, activation_bytes: traffic.activationBytes } : null,
    inputs,
    outputs: graph.outputs.map((output) => ({
      name: output.name,
      dtype: dtypeName(output.dtype),
      shape: dimensions(output.shape),
    })),
  }
}

interface Settled {
  readonly bound: Bound
  readonly inferred: Inferred
}

/** The first sizes, of those that may be chosen, that do not contradict the graph. */
function settle(model: Model, shapes: Readonly<Record<string, readonly number[]>>, batch: number): Settled {
  const attempt = (given: typeof shapes, defaults: Defaults): Settled => {
    const bound = bindInputs(model.graph.inputs, given, batch, defaults)
    return { bound, inferred: inferShapes(model, bound.shapes, bound.symbols) }
  }
  const search = (given: typeof shapes): Settled => {
    const first = attempt(given, defaultSizes[0]!)
    if (!first.inferred.conflict || first.bound.inputs.every(({ defaulted }) => defaulted.length === 0)) return first
    for (const defaults of defaultSizes.slice(1)) {
      const other = attempt(given, defaults)
      if (!other.inferred.conflict) return other
    }
    return first
  }
  const found = search(shapes)
  const { conflict } = found.inferred
  // Only where other shapes fit are the given ones to blame, and not what is not understood here.
  if (conflict && Object.keys(shapes).length > 0 && !search({}).inferred.conflict) {
    const given = Object.entries(shapes).map(([name, dims]) => `${name}=${dims.join('x')}`)
    throw new TailwattError('shape-invalid', { message: `the model cannot run with ${given.join(' ')} (${conflict})` })
  }
  return found
}

const dimensions = (shape: readonly Dimension[] | undefined): readonly (number | string)[] =>
  (shape ?? []).map((dim) => dim ?? '?')

/** The graph and the graphs within it. */
function* graphs(graph: Graph): Generator<Graph> {
  yield graph
  for (const node of graph.nodes) for (const { g } of node.attributes.values()) if (g) yield* graphs(g)
}

function operators(graph: Graph): Pick<ModelFacts, 'nodes' | 'operators'> {
  const counts = new Map<string, number>()
  let nodes = 0
  for (const { nodes: list } of graphs(graph))
    for (const node of list) {
      nodes++
      counts.set(nameOf(node), (counts.get(nameOf(node)) ?? 0) + 1)
    }
  const sorted = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return { nodes, operators: Object.fromEntries(sorted) }
}

/** Integers of 64 bits, truth values and texts are shapes and indices, not parameters; neither are lone numbers. */
const notParameters = new Set([7, 8, 9])

function parameters(graph: Graph): number {
  let sum = 0
  for (const { initializers } of graphs(graph))
    for (const { dtype, dims } of initializers.values())
      if (dims.length > 0 && !notParameters.has(dtype)) sum += elements(dims)
  return sum
}

function externalBytes(graph: Graph, path: string, external: InspectOptions['external']): number {
  const ends = new Map<string, number>()
  for (const { initializers } of graphs(graph))
    for (const { external: at, bytes } of initializers.values())
      if (at) ends.set(at.location, Math.max(ends.get(at.location) ?? 0, at.offset + bytes))
  let sum = 0
  for (const [location, end] of ends) {
    const size = external ? external(location) : end
    if (size === undefined)
      throw new TailwattError('model-not-onnx', { path, message: `its weights file ${location} is not there` })
    if (size < end)
      throw new TailwattError('model-not-onnx', {
        path,
        message: `its weights file ${location} holds ${size} bytes of ${end}`,
      })
    sum += size
  }
  return sum
}
