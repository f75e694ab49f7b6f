// The part of the global `WebAssembly` that is used: types of it come with browsers only.

export interface WasmMemory {
  readonly buffer: ArrayBuffer
}

export interface WasmEngine {
  /** `initial`: pages of 64 KiB. Throws a RangeError where there is not so much. */
  readonly Memory: new (size: { readonly initial: number }) => WasmMemory
  validate(module: Uint8Array<ArrayBuffer>): boolean
  instantiate(
    module: Uint8Array<ArrayBuffer>,
    imports: { readonly host: { readonly memory: WasmMemory } },
  ): Promise<{ readonly instance: { readonly exports: unknown } }>
}

export const wasmEngine: WasmEngine = (globalThis as unknown as { readonly WebAssembly: WasmEngine }).WebAssembly
export const pageBytes = 65_536
