// A sysfs file kept open and read again. What cannot be read this time is no reading: the device may be busy, in reset or
// asleep. A file whose device went away (ENODEV) never answers on its old descriptor and is opened anew.
import type { Host, OpenFile } from './host.ts'

/** Time between attempts to open, ns. */
const reopenNs = 1e9

export class KeptFile {
  readonly path: string
  readonly #host: Host
  #file: OpenFile | undefined
  #retryAt = Number.NEGATIVE_INFINITY
  #error = ''

  constructor(host: Host, path: string) {
    this.#host = host
    this.path = path
  }

  /** Code of the latest failure, such as `EACCES`; empty when there was none. */
  get error(): string {
    return this.#error
  }

  /** @param at ns; left out at opening */
  text(at?: number): string | undefined {
    return this.#read((file) => file.text(), at)
  }

  /** The view is valid until the next call. */
  bytes(at?: number): Uint8Array | undefined {
    return this.#read((file) => file.bytes(), at)
  }

  /** A decimal integer, as sysfs writes them; `undefined` for anything else. */
  number(at?: number): number | undefined {
    const text = this.text(at) ?? ''
    return /^-?\d{1,18}$/.test(text) ? Number(text) : undefined
  }

  close(): void {
    this.#file?.close()
    this.#file = undefined
  }

  #read<T>(read: (file: OpenFile) => T, at = Number.NEGATIVE_INFINITY): T | undefined {
    try {
      if (!this.#file) {
        if (at < this.#retryAt) return undefined
        this.#retryAt = at + reopenNs
        this.#file = this.#host.open(this.path)
      }
      return read(this.#file)
    } catch (error) {
      this.#error = (error as NodeJS.ErrnoException).code ?? 'error'
      if (this.#error === 'ENODEV') this.close()
      return undefined
    }
  }
}
