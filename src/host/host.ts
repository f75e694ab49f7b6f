// The one door to the machine: files, spawning, environment, dynamic libraries, clocks. Sensors and probes reach the
// host only through it, so that tests can hand them a virtual one (a tree of files in memory and a fake library).

/** A file kept open and read again from offset 0; sysfs and procfs files have no useful size. */
export interface OpenFile {
  /** Reads from the start into an internal buffer; the text is trimmed. Throws the system's error (`code` is set). */
  text(): string
  /** The same for files that are no text; the view is valid until the next call. */
  bytes(): Uint8Array
  /** May be called again. */
  close(): void
}

/** A loaded shared library; `bind` takes a C prototype, e.g. `int nvmlInit_v2(void)`. */
export interface NativeLibrary {
  /** `undefined` when the library has no such symbol. */
  bind(prototype: string): ((...args: unknown[]) => unknown) | undefined
  /** `errno` as the last call of this thread left it; 0 where it cannot be told. */
  errno(): number
  /**
   * Where bytes lie, for structures that hold addresses. They must lie outside the moving heap (a Buffer over an ArrayBuffer of
   * its own), and whoever gives the address away keeps them reachable.
   */
  address(bytes: Uint8Array): bigint
  readonly path: string
}

export type LibraryResult =
  | { readonly ok: true; readonly library: NativeLibrary }
  /** `no-loader`: the package that loads libraries (koffi) is missing; `no-library`: none of the names can be loaded. */
  | { readonly ok: false; readonly code: 'no-loader' | 'no-library'; readonly reason: string }

export interface Host {
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** Absolute paths as on the real machine (`/sys/class/powercap`); a virtual host maps them to its own tree. */
  readFile(path: string): string | undefined
  /** Names in a folder, sorted; empty when there is none. */
  list(path: string): readonly string[]
  exists(path: string): boolean
  /** Target of a symbolic link, resolved; `undefined` when there is none. */
  resolve(path: string): string | undefined
  /** Opens for repeated reading; throws the system's error (`code`: ENOENT, EACCES, …). */
  open(path: string): OpenFile
  env(name: string): string | undefined
  loadLibrary(names: readonly string[]): LibraryResult
  /** Monotonic nanoseconds (process.hrtime's clock). */
  now(): number
  userId(): number
}
