// Gives every dynamic dimension of a model's inputs a size: the user's, else the batch, else a default that suits what the
// dimension seems to be. Says which ones it chose.
import { TailwattError } from '../base/errors.ts'
import { dtypeName, type Dimension, type ValueInfo } from './model.ts'
import { sizeOf } from './shapes.ts'

export interface BoundInput {
  readonly input: ValueInfo
  readonly used: readonly number[]
  /** Names (or positions) of the dimensions that got a default. */
  readonly defaulted: readonly string[]
}

/** Sizes for dimensions nobody gave. */
export interface Defaults {
  readonly sequence: number
  readonly imageSide: number
}

/** The usual sizes, then others for models that cannot take those, such as ones with fewer positions. */
export const defaultSizes: readonly Defaults[] = [
  { sequence: 128, imageSide: 224 },
  ...[64, 32, 16, 8, 4, 2, 1, 256, 512].map((sequence) => ({ sequence, imageSide: 224 })),
  ...[256, 384, 512, 640, 299, 336, 128, 64, 32, 28].map((imageSide) => ({ sequence: 128, imageSide })),
]

export interface Bound {
  readonly inputs: readonly BoundInput[]
  readonly shapes: ReadonlyMap<string, readonly number[]>
  readonly symbols: ReadonlyMap<string, number>
}

/** @throws TailwattError `shape-invalid` when a given shape does not fit the model or the batch */
export function bindInputs(
  inputs: readonly ValueInfo[],
  given: Readonly<Record<string, readonly number[]>>,
  batch: number,
  defaults: Defaults = defaultSizes[0]!,
): Bound {
  const names = inputs.map((input) => input.name)
  for (const name of Object.keys(given))
    if (!names.includes(name)) throw invalid(`the model has no input ${name}; it has ${names.join(', ') || 'none'}`)
  const symbols = new Map<string, number>()
  for (const input of inputs) if (Object.hasOwn(given, input.name)) bindGiven(input, given[input.name]!, symbols)
  const bound = inputs.map((input) => {
    const dims = Object.hasOwn(given, input.name) ? given[input.name] : undefined
    return dims ? { input, used: dims, defaulted: [] } : bindDefault(input, batch, symbols, defaults)
  })
  checkBatch(bound, batch)
  return { inputs: bound, shapes: new Map(bound.map(({ input, used }) => [input.name, used])), symbols }
}

const invalid = (message: string): TailwattError => new TailwattError('shape-invalid', { message })

const show = (shape: readonly Dimension[]): string => shape.map((dim) => dim ?? '?').join('x') || 'a single number'

function bindGiven(input: ValueInfo, dims: readonly number[], symbols: Map<string, number>): void {
  const { name, shape } = input
  if (!shape) return
  const wrong = (): TailwattError => invalid(`the input ${name} takes ${show(shape)}, not ${show(dims)}`)
  if (dims.length !== shape.length) throw wrong()
  for (const [i, dim] of shape.entries()) {
    const size = dims[i]!
    if (typeof dim === 'number' && dim !== size) throw wrong()
    if (typeof dim !== 'string') continue
    const known = symbols.get(dim)
    if (known !== undefined && known !== size)
      throw invalid(`the dimension ${dim} is ${known} in one --shape and ${size} in that of ${name}`)
    symbols.set(dim, size)
  }
}

function bindDefault(input: ValueInfo, batch: number, symbols: Map<string, number>, defaults: Defaults): BoundInput {
  const shape = input.shape ?? []
  const defaulted: string[] = []
  // Plain names first: sums of them (`past + 1`) follow from the others.
  const used = shape.map((dim, i) => {
    if (typeof dim === 'number') return dim
    const known = typeof dim === 'string' ? sizeOf(dim, symbols) : undefined
    if (known !== undefined) {
      if (!isBatch(input, shape, i)) defaulted.push(dim!)
      return known
    }
    const chosen = isBatch(input, shape, i) ? batch : defaultSize(input, shape, i, defaults)
    if (typeof dim === 'string') {
      for (const name of dim.match(/[A-Za-z_]\w*/g) ?? [])
        if (/past/.test(name) && name !== dim && !symbols.has(name)) symbols.set(name, 0)
      const composed = sizeOf(dim, symbols)
      if (composed !== undefined) return composed
      symbols.set(dim, chosen)
    }
    if (!isBatch(input, shape, i)) defaulted.push(dim ?? `dimension ${i}`)
    return chosen
  })
  return { input, used, defaulted }
}

const isBatch = (input: ValueInfo, shape: readonly Dimension[], i: number): boolean => {
  const dim = shape[i]
  if (typeof dim === 'string' && (/batch/i.test(dim) || (i === 0 && /^(?:n|b|bs)$/i.test(dim)))) return !/[*]/.test(dim)
  if (i !== 0 || typeof dim === 'number') return false
  return !(typeof dim === 'string' && /seq|len|token|time|frame|past|height|width/i.test(dim))
}

const audioSamples = 16_000

function defaultSize(input: ValueInfo, shape: readonly Dimension[], i: number, defaults: Defaults): number {
  const { sequence, imageSide } = defaults
  const dim = shape[i]
  const name = `${typeof dim === 'string' ? dim : ''} ${input.name}`.toLowerCase()
  const own = typeof dim === 'string' ? dim.toLowerCase() : ''
  // A cache of keys and values starts empty: the first pass of a generation.
  if (/past/.test(own) && !/[+]/.test(own)) return 0
  if (/height|width|^[hw]$/.test(own)) return imageSide
  if (/channel/.test(own)) return 3
  if (/seq|len|token/.test(own)) return sequence
  if (/past_key|past_value|cache/.test(name)) return 0
  const image = shape.length === 4 && /^float|^uint8/.test(dtypeName(input.dtype))
  const channelsLast = image && shape[3] !== undefined && typeof shape[3] === 'number' && shape[3] <= 4
  if (image) return i === (channelsLast ? 3 : 1) ? 3 : imageSide
  if (/audio|wave|samples|speech|pcm/.test(name)) return audioSamples
  return i === 0 ? 1 : sequence
}

/** A request of many samples needs room for them. */
function checkBatch(inputs: readonly BoundInput[], batch: number): void {
  if (batch === 1 || inputs.length === 0) return
  if (inputs.some(({ used }) => used[0] === batch)) return
  const [first] = inputs
  throw invalid(
    `the input ${first!.input.name} takes ${show(first!.input.shape ?? [])} (run as ${show(first!.used)}): no room for a batch of ${batch}`,
  )
}
