// The models of the zoo. A new one is a file in `models/` and a line here.
import { TailwattError } from '../base/errors.ts'
import type { Part } from '../onnx/write.ts'
import { bertBase } from './models/bert-base.ts'
import { gpt2 } from './models/gpt2.ts'
import { mlp } from './models/mlp.ts'
import { mobilenetv2 } from './models/mobilenetv2.ts'
import { resnet50 } from './models/resnet50.ts'
import { vitB16 } from './models/vit-b16.ts'

export interface ZooModel {
  readonly name: string
  /** The model file, its weights not yet drawn. */
  readonly build: () => Part
  /** Shapes its costs are listed at. */
  readonly listedAt: Readonly<Record<string, readonly number[]>>
}

const ids = [1, 128]

export const zoo: readonly ZooModel[] = [
  { name: 'mlp', build: mlp, listedAt: {} },
  { name: 'mobilenetv2', build: mobilenetv2, listedAt: {} },
  { name: 'resnet50', build: resnet50, listedAt: {} },
  { name: 'vit-b16', build: vitB16, listedAt: {} },
  { name: 'bert-base', build: bertBase, listedAt: { input_ids: ids, attention_mask: ids, token_type_ids: ids } },
  { name: 'gpt2', build: gpt2, listedAt: { input_ids: [1, 1024] } },
]

/** @throws TailwattError `zoo-unknown` */
export function zooModel(name: string): ZooModel {
  const found = zoo.find((model) => model.name === name)
  if (!found) throw new TailwattError('zoo-unknown', { name })
  return found
}
