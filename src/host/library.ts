// Shared libraries through koffi, which is optional and loaded only when the first library is asked for.
import { createRequire } from 'node:module'
import type { LibraryResult, NativeLibrary } from './host.ts'

interface Koffi {
  load(name: string): { func(prototype: string): (...args: unknown[]) => unknown }
  errno(): number
  address(bytes: Uint8Array): bigint | number
}

let koffi: Koffi | string | undefined

function findKoffi(): Koffi | string {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi
  } catch (error) {
    return `the package koffi cannot be loaded (${firstLine(error)}); npm install koffi`
  }
}

/** Tries the names in order; says why when none can be loaded. */
export function loadNativeLibrary(names: readonly string[]): LibraryResult {
  koffi ??= findKoffi()
  if (typeof koffi === 'string') return { ok: false, code: 'no-loader', reason: koffi }
  const { errno, address } = koffi
  let reason = 'no name given'
  for (const name of names) {
    try {
      const loaded = koffi.load(name)
      const library: NativeLibrary = {
        path: name,
        errno,
        address: (bytes) => BigInt(address(bytes)),
        bind: (prototype) => {
          try {
            return loaded.func(prototype)
          } catch {
            return undefined
          }
        },
      }
      return { ok: true, library }
    } catch (error) {
      reason = firstLine(error)
    }
  }
  return { ok: false, code: 'no-library', reason }
}

const firstLine = (error: unknown): string => String(error instanceof Error ? error.message : error).split('\n')[0]!
