// A machine made of text for tests: files, environment, fake libraries and a clock that only moves when told to.
import type { Host, LibraryResult, NativeLibrary } from './host.ts'

export interface VirtualMachine {
  platform?: NodeJS.Platform
  arch?: string
  /**
   * Content by absolute path, bytes as latin1; a function is called at each read, what it throws is that read's error; an
   * Error is thrown on opening and hides the file's content.
   */
  files?: Record<string, string | (() => string) | Error>
  links?: Record<string, string>
  env?: Record<string, string>
  /** Functions by library name and symbol; one called `errno` stands for the variable. */
  libraries?: Record<string, Record<string, (...args: never[]) => unknown>>
  userId?: number
}

export interface VirtualHost extends Host {
  readonly machine: Required<VirtualMachine>
  /** Moves the clock, ns. */
  advance(ns: number): void
}

export function virtualHost(given: VirtualMachine = {}): VirtualHost {
  const machine: Required<VirtualMachine> = {
    platform: 'linux',
    arch: 'x64',
    files: {},
    links: {},
    env: {},
    libraries: {},
    userId: 1000,
    ...given,
  }
  let clock = 0
  const content = (path: string): string => {
    const found = machine.files[path]
    if (found === undefined) throw systemError('ENOENT', path)
    if (found instanceof Error) throw found
    return typeof found === 'function' ? found() : found
  }
  const readFile = (path: string): string | undefined => {
    try {
      return content(path)
    } catch {
      return undefined
    }
  }
  const below = (path: string): string[] => {
    const prefix = path.endsWith('/') ? path : `${path}/`
    return Object.keys({ ...machine.files, ...machine.links })
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length).split('/')[0]!)
  }
  return {
    machine,
    platform: machine.platform,
    arch: machine.arch,
    advance: (ns) => void (clock += ns),
    readFile,
    list: (path) => [...new Set(below(path))].sort(),
    exists: (path) => path in machine.files || path in machine.links || below(path).length > 0,
    resolve: (path) => machine.links[path] ?? (path in machine.files ? path : undefined),
    open: (path) => {
      content(path)
      let open = true
      const read = (): string => {
        if (!open) throw systemError('EBADF', path)
        return content(path)
      }
      return {
        text: () => read().trim(),
        bytes: () => Buffer.from(read(), 'latin1'),
        close: () => void (open = false),
      }
    },
    env: (name) => machine.env[name],
    loadLibrary: (names) => findLibrary(machine, names),
    now: () => clock,
    userId: () => machine.userId,
  }
}

export function systemError(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code, path })
}

function findLibrary(machine: Required<VirtualMachine>, names: readonly string[]): LibraryResult {
  const name = names.find((candidate) => candidate in machine.libraries)
  if (name === undefined)
    return { ok: false, code: 'no-library', reason: `${names[0]}: cannot open shared object file` }
  const functions = machine.libraries[name]!
  const library: NativeLibrary = {
    path: name,
    address: () => 0n,
    errno: () => Number((functions['errno'] as (() => unknown) | undefined)?.() ?? 0),
    bind: (prototype) => functions[/(\w+)\s*\(/.exec(prototype)![1]!] as ((...args: unknown[]) => unknown) | undefined,
  }
  return { ok: true, library }
}
