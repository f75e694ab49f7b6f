// Format 2: how an input of the model is filled was a phrase, and is its parts.
import { changed, isObject, type Json } from './json.ts'

export const upgradeModel = (document: Json): Json =>
  changed(document, 'target', (target) =>
    changed(target, 'model', (model) => {
      const { inputs } = model
      return Array.isArray(inputs) ? { ...model, inputs: inputs.map(upgradeInput) } : model
    }),
  )

function upgradeInput(input: unknown): unknown {
  if (!isObject(input) || typeof input['fill'] !== 'string') return input
  const [, phrase, number] = /^(token ids below|positions below|the length) (\d+)$/.exec(input['fill']) ?? []
  return { ...input, fill: phrase === undefined ? { kind: input['fill'] } : filled(phrase, Number(number)) }
}

function filled(phrase: string, number: number): Json {
  if (phrase === 'the length') return { kind: 'length', value: number }
  return { kind: phrase === 'positions below' ? 'positions' : 'ids', below: number }
}
