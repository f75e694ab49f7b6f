// The zoo and models of a public exporter on the real engine: they run, what comes out is finite, and no activation on the
// way is denormal, for that would distort what is measured. Large models run when TAILWATT_ZOO=all.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openFileSource } from '../dist/host/file-source.js'
import { fillInput } from '../dist/onnx/inputs.js'
import { inspectModel } from '../dist/onnx/inspect.js'
import { readModel } from '../dist/onnx/read.js'
import { collect, message, text } from '../dist/onnx/write.js'
import { cacheFolder } from '../dist/host/cache-folder.js'
import { ensureZooModel } from '../dist/targets/onnx/zoo-cache.js'
import { needs } from './requirement.ts'

type Engine = typeof import('onnxruntime-node')

const engine = ((): Engine | undefined => {
  try {
    return createRequire(import.meta.url)('onnxruntime-node') as Engine
  } catch {
    return undefined
  }
})()
const onEngine = needs('onnxruntime', engine !== undefined, 'onnxruntime-node is not installed')
const all = process.env['TAILWATT_ZOO'] === 'all'
const onEngineAtLeisure = needs('large zoo models', engine !== undefined && all, 'TAILWATT_ZOO=all is not set')

const folder = mkdtempSync(join(tmpdir(), 'tailwatt-zoo-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Shapes = Readonly<Record<string, readonly number[]>>

/** Runs a model file once on filled inputs; with `watch` every float value inside becomes an output too. */
async function run(path: string, shapes: Shapes, watch: boolean): Promise<ReadonlyMap<string, Float32Array>> {
  const ort = engine!
  const source = openFileSource(path)
  const facts = inspectModel(source, { path, shapes, external: (at) => statSync(resolve(path, '..', at)).size })
  const names = watch ? readModel(source, path).graph.nodes.flatMap((node) => node.outputs) : []
  source.close()
  // Protobuf messages that follow each other merge: another graph with nothing but outputs adds those outputs.
  const outputs = names.filter((name) => !facts.outputs.some((output) => output.name === name))
  const more = collect(message(7, ...outputs.map((name) => message(12, text(1, name)))))
  const model = watch ? Buffer.concat([readFileSync(path), more]) : undefined
  const options = { intraOpNumThreads: 1, graphOptimizationLevel: watch ? ('disabled' as const) : ('all' as const) }
  const session = model
    ? await ort.InferenceSession.create(model, options)
    : await ort.InferenceSession.create(path, options)
  const feeds = Object.fromEntries(
    facts.inputs.map((input) => [
      input.name,
      new ort.Tensor(input.dtype as 'float32', fillInput(input, 1) as Float32Array, input.used),
    ]),
  )
  const results = await session.run(feeds)
  await session.release()
  return new Map(
    Object.entries(results).flatMap(([name, tensor]) =>
      tensor.data instanceof Float32Array ? [[name, tensor.data] as const] : [],
    ),
  )
}

interface Health {
  readonly notFinite: number
  readonly denormal: number
  readonly rms: number
}

function health(data: Float32Array): Health {
  let notFinite = 0
  let denormal = 0
  let squares = 0
  for (const x of data) {
    if (!Number.isFinite(x)) notFinite++
    else if (x !== 0 && Math.abs(x) < 2 ** -126) denormal++
    squares += x * x
  }
  return { notFinite, denormal, rms: Math.sqrt(squares / data.length) }
}

async function checkZoo(name: string, shapes: Shapes, cache: string): Promise<void> {
  const outputs = await run(await ensureZooModel(name, cache), shapes, true)
  expect(outputs.size).toBeGreaterThan(5)
  for (const [value, data] of outputs) {
    const of = health(data)
    expect(of, `${name} ${value}`).toMatchObject({ notFinite: 0, denormal: 0 })
    // Neither vanishing nor growing with depth; masks and masked scores aside.
    if (!/^(?:constant|mul|sub|where)_/.test(value)) expect(of.rms, `${name} ${value}`).toBeLessThan(1e3)
  }
  for (const value of ['logits', 'last_hidden_state'])
    if (outputs.has(value)) {
      expect(health(outputs.get(value)!).rms, value).toBeGreaterThan(0.05)
      expect(health(outputs.get(value)!).rms, value).toBeLessThan(50)
    }
}

describe('the zoo', () => {
  for (const name of ['mlp', 'mobilenetv2'])
    onEngine(`${name} runs, and nothing inside is denormal, infinite or NaN`, () => checkZoo(name, {}, folder))

  const ids = (length: number): Shapes => ({ input_ids: [1, length] })
  for (const [name, shapes] of [
    ['resnet50', {}],
    ['vit-b16', {}],
    ['bert-base', ids(128)],
    ['gpt2', ids(64)],
  ] as const)
    onEngineAtLeisure(`${name} runs, and nothing inside is denormal, infinite or NaN`, () =>
      checkZoo(name, shapes, cacheFolder()),
    )

  for (const [name, length] of [
    ['bert-base', 384],
    ['bert-base', 512],
    ['gpt2', 1024],
  ] as const)
    onEngineAtLeisure(`${name} runs on ${length} tokens`, async () => {
      const outputs = await run(await ensureZooModel(name), ids(length), false)
      for (const data of outputs.values()) expect(health(data)).toMatchObject({ notFinite: 0, denormal: 0 })
    })
})

describe('the cache', () => {
  test('builds a model once, also when asked at once, and leaves no temporary file', async () => {
    const cache = join(folder, 'once')
    const paths = await Promise.all([1, 2, 3].map(() => ensureZooModel('mlp', cache)))
    expect(new Set(paths).size).toBe(1)
    expect(readdirSync(cache)).toHaveLength(1)
    const { mtimeMs } = statSync(paths[0]!)
    await ensureZooModel('mlp', cache)
    expect(statSync(paths[0]!).mtimeMs).toBe(mtimeMs)
  })

  test('says so when it cannot be written, and when the zoo has no such model', async () => {
    await expect(ensureZooModel('mlp', '/proc/none')).rejects.toThrow('cannot-cache')
    await expect(ensureZooModel('alexnet', folder)).rejects.toThrow('zoo-unknown')
  })

  test('lies where the user wants it, else where caches lie', () => {
    expect(cacheFolder({ TAILWATT_CACHE: '/c', XDG_CACHE_HOME: '/x' })).toBe('/c')
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' })).toBe(join('/x', 'tailwatt'))
    expect(cacheFolder({})).toMatch(/\.cache.tailwatt$/)
  })
})

describe('models of a public exporter', () => {
  for (const name of ['convolutional.onnx', 'transformer.onnx', 'external.onnx'])
    onEngine(`${name} runs on the inputs made for it`, async () => {
      const outputs = await run(resolve(import.meta.dirname, 'fixtures/models', name), {}, false)
      expect(outputs.size).toBe(1)
      for (const data of outputs.values()) expect(health(data).notFinite).toBe(0)
    })
})
