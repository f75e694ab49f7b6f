// Tests that need what a fresh machine lacks: skipped with the reason printed, or failed when TAILWATT_REQUIRE names it.
import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { test, type TestAPI } from 'vitest'

const required = new Set((process.env['TAILWATT_REQUIRE'] ?? '').split(',').filter(Boolean))

/** Where a program is, searched on PATH; `undefined` when it is not installed. */
export function findProgram(...names: readonly string[]): string | undefined {
  for (const name of names) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const path = join(folder, name)
      try {
        accessSync(path, constants.X_OK)
        return path
      } catch {
        continue
      }
    }
  }
  return undefined
}

/**
 * `needs('gcc', findProgram('gcc') !== undefined, 'no C compiler on PATH')('drives a fake NVML', () => …)`.
 * Without what it needs the test is skipped and the reason stands in its name.
 */
export function needs(name: string, available: boolean, reason: string): TestAPI | ReturnType<TestAPI['skipIf']> {
  if (available) return test
  if (required.has(name)) throw new Error(`TAILWATT_REQUIRE names ${name}, but: ${reason}`)
  process.stderr.write(`skipped: needs ${name}: ${reason}\n`)
  return test.skip
}

/** Whether ONNX Runtime is installed. */
const engine = (() => {
  try {
    createRequire(import.meta.url).resolve('onnxruntime-node')
    return true
  } catch {
    return false
  }
})()

/** For tests that run models. */
export const needsEngine = (): ReturnType<typeof needs> =>
  needs('onnxruntime', engine, 'onnxruntime-node is not installed')
