// The bytes an inference moves when every operator reads its inputs from memory and writes its outputs back: no fusion, no
// cache between operators. What a roofline sets the FLOPs against, and no measurement of what went to memory.
import { nodeCost } from './flops.ts'
import { dataTypes, dtypeName, elements, type Graph } from './model.ts'
import type { Inferred, Step } from './shapes.ts'
import type { Value } from './value.ts'

export interface Traffic {
  /** Tensors stored in the model, each once; of tables only the rows that are looked up. */
  readonly weightBytes: number
  readonly activationBytes: number
}

/** Outputs that are their input under another shape, or a constant: nothing moves. */
const still = new Set(
  `Shape Size Reshape Flatten Squeeze Unsqueeze Identity Constant ConstantOfShape Dropout If Loop Scan`.split(/\s+/),
)
/** Read of their first input only what they give. */
const lookups = new Set(['Gather', 'GatherElements', 'GatherND', 'Slice', 'EmbedLayerNormalization'])

/** `undefined` when a shape or a type is not known. */
export function totalTraffic(graph: Graph, inferred: Inferred): Traffic | undefined {
  const stored = storedTensors(graph)
  const weights = new Map<string, number>()
  let lookedUp = 0
  let activationBytes = 0
  for (const step of inferred.steps) {
    const { node, inputs } = step.call
    if (still.has(node.op)) continue
    if (Number.isNaN(step.times)) return undefined
    const outputs = step.outputs.filter((_, i) => node.outputs[i] !== '')
    const written = sum(outputs)
    if (written === undefined) return undefined
    activationBytes += written * step.times
    for (const [i, name] of node.inputs.entries()) {
      if (name === '') continue
      const whole = bytesOf(inputs[i]!)
      if (whole === undefined) return undefined
      const bytes = i === 0 && lookups.has(node.op) ? Math.min(whole, written) : whole
      if (!stored.has(name)) activationBytes += bytes * step.times
      else if (bytes < whole) lookedUp += bytes * step.times
      else weights.set(name, whole)
    }
  }
  return { weightBytes: lookedUp + [...weights.values()].reduce((a, b) => a + b, 0), activationBytes }
}

/** Element type that most multiply-accumulates read; `undefined` where there are none. */
export function macsType(inferred: Inferred): string | undefined {
  const macs = new Map<number, number>()
  for (const step of inferred.steps) {
    const cost = nodeCost(step)
    if (!cost || !(cost.macs * step.times > 0)) continue
    const { dtype } = step.call.at(0)
    macs.set(dtype, (macs.get(dtype) ?? 0) + cost.macs * step.times)
  }
  const [most] = [...macs].sort((a, b) => b[1] - a[1])
  return most && dtypeName(most[0])
}

/** Names of what is stored, in the graph and the graphs within it. */
function storedTensors(graph: Graph, into: Set<string> = new Set()): ReadonlySet<string> {
  for (const name of graph.initializers.keys()) into.add(name)
  for (const node of graph.nodes) {
    if (node.op === 'Constant') for (const name of node.outputs) into.add(name)
    for (const { g } of node.attributes.values()) if (g) storedTensors(g, into)
  }
  return into
}

function bytesOf({ dtype, shape }: Value): number | undefined {
  const type = dataTypes[dtype]
  return type && shape && Math.ceil((elements(shape) * type.bits) / 8)
}

const sum = (values: Step['outputs']): number | undefined => {
  let total = 0
  for (const value of values) {
    const bytes = bytesOf(value)
    if (bytes === undefined) return undefined
    total += bytes
  }
  return total
}
