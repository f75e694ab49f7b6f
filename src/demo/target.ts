// The model a demo run pretends to serve: BERT-base in FP16, batches of 32 sequences of 128 tokens. Structure and counts are
// those of the published network (Devlin et al., 2019); no file of it is read.
import type { ModelFacts, TargetFacts, Fill, TensorFacts } from '../run/manifest.ts'

export const batch = 32
const sequence = 128
const hidden = 768
const layers = 12

/** Bytes of a request: three tensors of 64-bit ids in; hidden states and the pooled output, 16 bit, out. */
export const sizeIn: number = 3 * batch * sequence * 8
export const sizeOut: number = (batch * sequence * hidden + batch * hidden) * 2

/** Of one sequence: projections, attention and feed-forward of each layer; as in the published 22.3 GFLOP. */
const macs = layers * (4 * sequence * hidden ** 2 + 2 * sequence ** 2 * hidden + 2 * sequence * hidden * 4 * hidden)

/**
 * Tensors of tokens × hidden values that the operators of a layer read and write, each alone: 66 of that size itself, 16 of
 * attention's scores (heads × sequence² are twice as many values here).
 */
const tensorsOfLayer = 66 + 2 * 8
const bytesOfTensor = batch * sequence * hidden * 2
const traffic = {
  // Products and their biases, norms; of the tables of embeddings the rows looked up.
  weight_bytes: layers * (12 * hidden ** 2 + 13 * hidden) * 2 + 3 * bytesOfTensor,
  activation_bytes: layers * tensorsOfLayer * bytesOfTensor,
}

const operators: Readonly<Record<string, number>> = {
  MatMul: 8 * layers,
  Add: 8 * layers + 2,
  Transpose: 4 * layers,
  Reshape: 4 * layers,
  LayerNormalization: 2 * layers + 1,
  Softmax: layers,
  Gelu: layers,
  Div: layers,
  Gather: 4,
  Gemm: 1,
  Tanh: 1,
}

const tensor = (name: string, fill: Fill): TensorFacts => ({
  name,
  dtype: 'int64',
  shape: ['batch', 'sequence'],
  used: [batch, sequence],
  defaulted: [],
  fill,
})

const model: ModelFacts = {
  path: 'bert-base-uncased-fp16.onnx',
  bytes: 219_164_672,
  parameters: 109_482_240,
  ir_version: 8,
  opset: 17,
  nodes: Object.values(operators).reduce((sum, count) => sum + count, 0),
  operators,
  macs,
  flops: 2 * macs,
  macs_dtype: 'float16',
  traffic,
  inputs: [
    tensor('input_ids', { kind: 'ids', below: 30_522 }),
    tensor('attention_mask', { kind: 'ones' }),
    tensor('token_type_ids', { kind: 'zeros' }),
  ],
  outputs: [
    { name: 'last_hidden_state', dtype: 'float16', shape: ['batch', 'sequence', hidden] },
    { name: 'pooler_output', dtype: 'float16', shape: ['batch', hidden] },
  ],
}

export const target: TargetFacts = {
  kind: 'onnx',
  // In the name too: what shows nothing else of a run shows that.
  name: `${model.path} (synthetic)`,
  flow: 'blocking',
  instances: 1,
  threads: 1,
  batch,
  model,
  engine: { name: 'onnxruntime-node', version: '1.23.0', provider: 'cuda', options: {} },
}
