// The zoo as a table: what each model is fed, holds and costs, read off its structure as of any other model.
import { modelFacts } from '../onnx/inspect.ts'
import { readModel } from '../onnx/read.ts'
import { outlineSource } from '../onnx/write.ts'
import { zoo } from './catalog.ts'

export interface ZooRow {
  readonly name: string
  /** Inputs and their shapes as listed: `input 1x3x224x224`. */
  readonly input: string
  readonly parameters: number
  /** Of one inference of that input. */
  readonly macs: number
  /** Twice the MACs. */
  readonly flops: number
  /** Of the model file. */
  readonly bytes: number
}

/** The models in catalog order. Builds no weights. */
export const zooListing = (): readonly ZooRow[] =>
  zoo.map(({ name, build, listedAt }) => {
    const source = outlineSource(build())
    const facts = modelFacts(readModel(source, name), source.size, { path: name, shapes: listedAt })
    const { parameters, bytes, macs, flops } = facts
    if (macs === null || flops === null) throw new Error(`the costs of ${name} are not known: ${facts.macs_unknown}`)
    return {
      name,
      input: facts.inputs.map((i) => `${i.name} ${i.used.join('x')}`).join(', '),
      parameters,
      macs,
      flops,
      bytes,
    }
  })
