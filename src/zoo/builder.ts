// Writes a zoo model down layer by layer: names values, draws weights that keep the variance of what flows through them,
// and collects the parts of the file. Knows no architecture.
import {
  float32Data,
  int64Data,
  modelPart,
  nodePart,
  tensorPart,
  valuePart,
  type AttributeValue,
  type Part,
} from '../onnx/write.ts'
import { normalData } from './weights.ts'

/** ONNX element types the zoo uses. */
export const float32 = 1
export const int64 = 7
const opset = 17

type Shape = readonly (number | string)[]

export class Builder {
  readonly #nodes: Part[] = []
  readonly #initializers: Part[] = []
  readonly #inputs: Part[] = []
  readonly #outputs: Part[] = []
  readonly #constants = new Map<string, string>()
  #count = 0
  #seed: number

  /** @param seed of the first weight tensor; the next ones count up. */
  constructor(seed: number) {
    this.#seed = seed * 10_000
  }

  input(name: string, dtype: number, shape: Shape): string {
    this.#inputs.push(valuePart(11, name, dtype, shape))
    return name
  }

  /** Declares `value` an output under `name`. */
  output(value: string, name: string, dtype: number, shape: Shape): void {
    this.#nodes.push(nodePart('Identity', `output_${name}`, [value], [name]))
    this.#outputs.push(valuePart(12, name, dtype, shape))
  }

  /** Adds a node and names its first output. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    return this.nodes(op, inputs, 1, attributes)[0]!
  }

  nodes(
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): readonly string[] {
    const name = `${op.toLowerCase()}_${++this.#count}`
    const names = Array.from({ length: outputs }, (_, i) => (i === 0 ? name : `${name}_${i}`))
    this.#nodes.push(nodePart(op, name, inputs, names, attributes))
    return names
  }

  /** A weight tensor of normal values. `std` keeps the variance when it is 1/√(fan in), or √2 of that before a ReLU. */
  weight(name: string, dims: readonly number[], std: number, mean: number = 0): string {
    const count = dims.reduce((product, dim) => product * dim, 1)
    this.#initializers.push(tensorPart(5, name, float32, dims, normalData(count, ++this.#seed, std, mean)))
    return name
  }

  /** An int64 constant; a list has one dimension. The same values share one tensor. */
  ints(values: number | readonly number[]): string {
    const list = typeof values === 'number' ? [values] : values
    return this.#constant(`ints_${JSON.stringify(values)}`, int64, values, int64Data(list))
  }

  floats(values: number | readonly number[]): string {
    const list = typeof values === 'number' ? [values] : values
    return this.#constant(`floats_${JSON.stringify(values)}`, float32, values, float32Data(list))
  }

  /** y = x W + b over the last dimension, as exporters write a linear layer on more than two dimensions. */
  linear(name: string, x: string, from: number, to: number, std: number = 1 / Math.sqrt(from)): string {
    const product = this.node('MatMul', [x, this.weight(`${name}.weight`, [from, to], std)])
    return this.node('Add', [product, this.weight(`${name}.bias`, [to], 0.02)])
  }

  layerNorm(name: string, x: string, width: number, epsilon: number): string {
    const inputs = [x, this.weight(`${name}.weight`, [width], 0.02, 1), this.weight(`${name}.bias`, [width], 0.02)]
    return this.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: epsilon } })
  }

  /** A convolution with the batch normalisation after it folded into its weights and bias, as inference exports have it. */
  conv(
    name: string,
    x: string,
    of: {
      readonly from: number
      readonly to: number
      readonly kernel: number
      readonly stride?: number
      readonly groups?: number
      /** √2 before a ReLU, 1 before nothing. */
      readonly gain: number
    },
  ): string {
    const { from, to, kernel, stride = 1, groups = 1, gain } = of
    const pad = stride === kernel ? 0 : (kernel - 1) >> 1
    const fan = (from / groups) * kernel * kernel
    const weight = this.weight(`${name}.weight`, [to, from / groups, kernel, kernel], gain / Math.sqrt(fan))
    const bias = this.weight(`${name}.bias`, [to], 0.05)
    return this.node('Conv', [x, weight, bias], {
      dilations: [1, 1],
      group: groups,
      kernel_shape: [kernel, kernel],
      pads: [pad, pad, pad, pad],
      strides: [stride, stride],
    })
  }

  model(name: string): Part {
    return modelPart(name, opset, [...this.#nodes, ...this.#initializers, ...this.#inputs, ...this.#outputs])
  }

  #constant(key: string, dtype: number, values: number | readonly number[], data: Part): string {
    const found = this.#constants.get(key)
    if (found !== undefined) return found
    const name = `constant_${this.#constants.size + 1}`
    const dims = typeof values === 'number' ? [] : [values.length]
    this.#nodes.push(
      nodePart('Constant', name, [], [name], { value: { tensor: tensorPart(5, name, dtype, dims, data) } }),
    )
    this.#constants.set(key, name)
    return name
  }
}
