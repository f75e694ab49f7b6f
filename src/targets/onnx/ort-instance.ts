// Hot path: one session of ONNX Runtime and its inputs, made once and fed again and again. The binding's `run` blocks its
// thread; our clock is around it, and the engine's own time is measured around the native call where it can be reached.
import { readFileSync } from 'node:fs'
import { TailwattError } from '../../base/errors.ts'
import { canFill, fillInput } from '../../onnx/inputs.ts'
import { elements } from '../../onnx/model.ts'
import type { ModelFacts } from '../../run/manifest.ts'
import { statusCode } from '../../run/table.ts'
import type { BlockingTarget, Outcome, TargetInfo } from '../target.ts'
import type { OnnxOptions } from './options.ts'
import { engineClock, importOrt, type EngineClock, type Ort, type OrtSession } from './ort.ts'

/** Models above this size are opened by path: the binding would copy them twice in memory. */
const largestInMemory = 1 << 30

export type OnnxSpecOptions = Omit<OnnxOptions, 'batch'> & { readonly path: string }

export class OrtInstance implements BlockingTarget {
  readonly #path: string
  readonly #options: OnnxSpecOptions
  readonly #facts: ModelFacts
  readonly #instance: number
  readonly #outcome: Outcome = { status: 0, sizeIn: 0, sizeOut: 0, engine: Number.NaN }
  #session: OrtSession | undefined
  #feeds: Record<string, unknown> = {}
  #clock: EngineClock | undefined

  constructor(path: string, options: OnnxSpecOptions, facts: ModelFacts, instance: number) {
    this.#path = path
    this.#options = options
    this.#facts = facts
    this.#instance = instance
  }

  async prepare(): Promise<TargetInfo> {
    const before = process.hrtime.bigint()
    const ort = await importOrt()
    this.#clock = engineClock()
    // Reading the bytes once is part of loading, whichever way the session takes them.
    const bytes = this.#facts.bytes <= largestInMemory ? readFileSync(this.#path) : undefined
    const loaded = process.hrtime.bigint()
    this.#session = await this.#create(ort, bytes)
    const created = process.hrtime.bigint()
    this.#feeds = this.#makeFeeds(ort)
    return {
      facts: {
        threads: this.#options.threads ?? null,
        engine: {
          name: 'onnxruntime-node',
          version: ort.env.versions.node ?? ort.env.versions.common,
          provider: this.#options.provider ?? 'cpu',
          options: {
            graph_optimization: this.#options.opt ?? 'all',
            spinning: this.#options.spinning ?? true,
          },
        },
      },
      timings: { load_ms: Number(loaded - before) / 1e6, session_ms: Number(created - loaded) / 1e6 },
    }
  }

  async infer(): Promise<Outcome> {
    const outcome = this.#outcome
    if (this.#clock) this.#clock.ns = Number.NaN
    try {
      await this.#session!.run(this.#feeds)
      outcome.status = 0
    } catch (error) {
      outcome.message = firstLine(error)
      outcome.status = failureStatus(outcome.message)
    }
    outcome.engine = this.#clock?.ns ?? Number.NaN
    return outcome
  }

  async close(): Promise<void> {
    await this.#session?.release()
  }

  async #create(ort: Ort, bytes: Uint8Array | undefined): Promise<OrtSession> {
    const { threads, opt, spinning } = this.#options
    const provider = this.#options.provider ?? 'cpu'
    const available = ort.listSupportedBackends?.().map((backend) => backend.name) ?? ['cpu']
    const options = {
      executionProviders: [provider],
      graphOptimizationLevel: opt ?? 'all',
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      // Warnings of the engine belong to nobody here; errors come as exceptions.
      logSeverityLevel: 3,
      ...(spinning === false ? { extra: { session: { intra_op: { allow_spinning: '0' } } } } : {}),
    }
    const external = this.#facts.inputs.length > 0 && bytes !== undefined && this.#facts.bytes === bytes.length
    try {
      return await ort.InferenceSession.create(external ? bytes : this.#path, options)
    } catch (error) {
      const message = firstLine(error)
      if (provider !== 'cpu' && /provider|backend|not (?:available|supported|found)|\.so|dll/i.test(message))
        throw new TailwattError(
          'provider-unavailable',
          { provider, message, available: available.join(', ') },
          { cause: error },
        )
      throw new TailwattError('model-unsupported', { path: this.#facts.path, message }, { cause: error })
    }
  }

  #fill(input: ModelFacts['inputs'][number], seed: number): ReturnType<typeof fillInput> {
    try {
      return fillInput(input, seed)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      const message = `the input ${input.name} with ${input.used.join('x')} elements is larger than what can be allocated`
      throw new TailwattError('out-of-memory', { message }, { cause: error })
    }
  }

  #makeFeeds(ort: Ort): Record<string, unknown> {
    const feeds: Record<string, unknown> = {}
    let bytes = 0
    this.#facts.inputs.forEach((input, index) => {
      if (!canFill(input.dtype))
        throw new TailwattError('target-failed', {
          message: `the input ${input.name} has the type ${input.dtype}, which cannot be made up`,
          remedy: 'Export the model with inputs of numbers, booleans or texts.',
        })
      const seed = (this.#options.seed ?? 1) * 1000 + this.#instance * 100 + index
      const data = this.#fill(input, seed)
      bytes += 'byteLength' in data ? data.byteLength : elements(input.used)
      feeds[input.name] = new ort.Tensor(input.dtype, data, input.used)
    })
    this.#outcome.sizeIn = bytes
    return feeds
  }
}

/** The engine gives no code, only words; names of nodes are in them, which may be called after a memory. */
const outOfMemory = /out of memory|bad_alloc|(?:failed|fail|unable) to allocate|available memory of/i

const failureStatus = (message: string): number => statusCode(outOfMemory.test(message) ? 'out-of-memory' : 'error')

const firstLine = (error: unknown): string =>
  String(error instanceof Error ? error.message : error)
    .split('\n')[0]!
    .slice(0, 300)
