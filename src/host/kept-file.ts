// A file kept open and read again, as sysfs and procfs are meant to be. What cannot be read this time is no reading: the
// device may be busy, in reset or asleep. A file whose device went away (ENODEV) never answers on its old descriptor and is
// opened anew when it is back.
import type { Host, OpenFile } from './host.ts'

/** Time between attempts to open, ns. */
const reopenNs = 1e9

export class KeptFile {
  readonly path: string
  readonly #host: Host
  #file: OpenFile | undefined
  #retryAt = Number.NEGATIVE_INFINITY
  #error = ''

  /** @param only the file as it is open, not to be opened again; left out, it is opened when it is first read */
  constructor(host: Host, path: string, only?: OpenFile) {
    this.#host = host
    this.path = path
    if (!only) return
    this.#file = only
    this.#retryAt = Number.POSITIVE_INFINITY
  }

  /** Code of the latest failure, such as `EACCES`; empty when there was none. */
  get error(): string {
    return this.#error
  }

  /** Trimmed. */
  text(): string | undefined {
    return this.#read((file) => file.text())
  }

  /** The view is valid until the next call. */
  bytes(): Uint8Array | undefined {
    return this.#read((file) => file.bytes())
  }

  /** A decimal integer, as sysfs writes them; `undefined` for anything else. */
  number(): number | undefined {
    const text = this.text() ?? ''
    return /^-?\d{1,18}$/.test(text) ? Number(text) : undefined
  }

  /** For good. */
  close(): void {
    this.#drop()
    this.#retryAt = Number.POSITIVE_INFINITY
  }

  #read<T>(read: (file: OpenFile) => T): T | undefined {
    try {
      const file = this.#file ?? this.#open()
      return file && read(file)
    } catch (error) {
      this.#error = (error as NodeJS.ErrnoException).code ?? 'error'
      if (this.#error === 'ENODEV') this.#drop()
      return undefined
    }
  }

  #open(): OpenFile | undefined {
    const now = this.#host.now()
    if (now < this.#retryAt) return undefined
    this.#retryAt = now + reopenNs
    return (this.#file = this.#host.open(this.path))
  }

  #drop(): void {
    this.#file?.close()
    this.#file = undefined
  }
}

/**
 * For what another may own by then, such as the files of a process or of a hwmon chip, whose number is given again: opened
 * now and never again.
 * `undefined` where that cannot be.
 */
export function openOnce(host: Host, path: string): KeptFile | undefined {
  try {
    return new KeptFile(host, path, host.open(path))
  } catch {
    return undefined
  }
}
