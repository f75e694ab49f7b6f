// ONNX models as a kind of target: which texts name one, and what is loaded when one is measured.
import type { TargetKind } from '../target.ts'
import { onnx, onnxOptions, type OnnxOptions } from './options.ts'

export const onnxKind: TargetKind<OnnxOptions> = {
  kind: 'onnx',
  flow: 'blocking',
  heading: 'Model:',
  forms: ['model.onnx', 'zoo:resnet50'],
  names: { one: 'a model', many: 'ONNX models' },
  options: onnxOptions,
  tries: ['threads', 'spinning', 'opt'],
  matches: (text) => text.startsWith('zoo:'),
  resolve: onnx,
  load: async () => (await import('./onnx.ts')).onnxTarget,
}
