// The part of onnxruntime-node that is used, and how it is found. The package is optional: without it the error says how
// to install it.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { TailwattError } from '../../base/errors.ts'

export interface OrtSession {
  run(feeds: Record<string, unknown>): Promise<Record<string, unknown>>
  release(): Promise<void>
  readonly handler?: unknown
}

export interface Ort {
  readonly InferenceSession: {
    create(model: string | Uint8Array, options: object): Promise<OrtSession>
  }
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => unknown
  readonly env: { readonly versions: { readonly common: string; readonly node?: string } }
  listSupportedBackends?(): readonly { readonly name: string; readonly bundled: boolean }[]
}

/** @throws TailwattError `engine-missing`. */
export async function importOrt(): Promise<Ort> {
  const engine = 'onnxruntime-node'
  try {
    const loaded = (await import(engine)) as { default?: Ort } & Ort
    return loaded.default ?? loaded
  } catch (error) {
    throw new TailwattError('engine-missing', { engine }, { cause: error })
  }
}

/** Duration of the last native call in this thread, ns; NaN before the first. */
export interface EngineClock {
  ns: number
}

type NativeSession = new () => { run(...args: unknown[]): unknown }

let clock: EngineClock | undefined

/**
 * Measures the one native call that the binding's `run` makes: the engine with its copies, without the JavaScript above
 * it. To be called before a session is created. `undefined` where a version of the binding keeps that call out of reach;
 * then the engine's time is not known.
 */
export function engineClock(): EngineClock | undefined {
  if (clock) return clock
  try {
    const require = createRequire(import.meta.url)
    const loaded = require(join(dirname(require.resolve('onnxruntime-node')), 'binding.js')) as {
      binding: { readonly InferenceSession: NativeSession }
    }
    const { binding } = loaded
    const cell: EngineClock = { ns: Number.NaN }
    class TimedSession extends binding.InferenceSession {
      override run(...args: unknown[]): unknown {
        const before = process.hrtime.bigint()
        try {
          return super.run(...args)
        } finally {
          cell.ns = Number(process.hrtime.bigint() - before)
        }
      }
    }
    // The native class is sealed; the module that hands it out is not.
    loaded.binding = Object.create(binding, { InferenceSession: { value: TimedSession } }) as typeof binding
    clock = cell
    return cell
  } catch {
    return undefined
  }
}
