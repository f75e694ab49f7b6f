// Takes known secrets out of texts that others wrote: a server, a meter or an engine may send back what it was sent, whole,
// cut off or encoded. The addresses in such a text are redacted too.
import { TailwattError } from './errors.ts'
import { redacted, redactText } from './redact-address.ts'
import { commandSecrets, environmentSecrets } from './redact-command.ts'

/** Shorter ones would be found in every other word. */
const shortest = 4
/** So much of a secret gives it away, wherever it was cut; a shorter secret is looked for whole, between other words. */
const telling = 8
/** Servers repeat themselves. */
const remembered = 256

export class Redactor {
  /** Every form of every secret, longest first. */
  readonly #forms: readonly string[]
  readonly #joined: string
  readonly #known = new Map<string, string>()

  /** @param secrets the values themselves; their usual encodings are found too */
  constructor(secrets: Iterable<string>) {
    const forms = new Set([...new Set(secrets)].flatMap(formsOf).filter((form) => form.length >= shortest))
    this.#forms = [...forms].toSorted((a, b) => b.length - a.length)
    this.#joined = this.#forms.filter((form) => form.length >= telling).join('\n')
  }

  text(message: string): string {
    const known = this.#known.get(message)
    if (known !== undefined) return known
    let text = message
    for (const form of this.#forms) if (text.includes(form)) text = withoutForm(text, form)
    text = redactText(this.#withoutFragments(text))
    if (this.#known.size < remembered) this.#known.set(message, text)
    return text
  }

  /** Plain data with every string in it redacted. */
  data<T>(value: T): T {
    if (typeof value === 'string') return this.text(value) as T
    if (Array.isArray(value)) return value.map((item: unknown) => this.data(item)) as T
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]: [string, unknown]) => [key, this.data(item)]),
    ) as T
  }

  /** The same error without secrets; without its cause, which is not ours to change, where it had some. */
  error(error: unknown): unknown {
    if (error instanceof TailwattError) {
      const data = this.data(error.data)
      return JSON.stringify(data) === JSON.stringify(error.data) ? error : new TailwattError(error.code, data)
    }
    if (!(error instanceof Error) || error instanceof DOMException) return error
    const message = this.text(error.message)
    return message === error.message ? error : Object.assign(new Error(message), { name: error.name })
  }

  /** What is left of a secret that was cut off: all lower-case letters are a word like any other. */
  #withoutFragments(text: string): string {
    if (this.#joined === '') return text
    let result = ''
    let kept = 0
    for (let at = 0; at + telling <= text.length; at++) {
      let end = at
      for (let from = at; from + telling <= text.length && from <= end; from++)
        if (this.#tells(text.slice(from, from + telling))) end = from + telling
      if (end === at) continue
      result += text.slice(kept, at) + redacted
      kept = end
      at = end - 1
    }
    return result + text.slice(kept)
  }

  #tells(part: string): boolean {
    return !/\s/.test(part) && /[^a-z]/.test(part) && part !== redacted && this.#joined.includes(part)
  }
}

/** For what the command line says of how it was called: `args` follow the program's name. */
export const commandRedactor = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Redactor => new Redactor([...commandSecrets(args), ...environmentSecrets(env)])

function withoutForm(text: string, form: string): string {
  if (form.length >= telling) return text.replaceAll(form, redacted)
  const literal = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'gu'), redacted)
}

/** As it is sent, as it is written in addresses, JSON and base64, and as a reader of bytes sees it. */
function formsOf(secret: string): readonly string[] {
  return [secret, decoded(secret)].flatMap((value) => {
    const utf8 = new TextEncoder().encode(value)
    const bytes = Array.from(utf8, (byte) => String.fromCharCode(byte)).join('')
    // Half a surrogate pair cannot be encoded; it was sent as another character.
    const encoded = encodeURIComponent(new TextDecoder().decode(utf8))
    const inJson = JSON.stringify(value).slice(1, -1)
    return [value, bytes, encoded, encoded.replaceAll('%20', '+'), inJson, base64(bytes), base64(value)]
  })
}

/** Of bytes; a text with other characters has none. */
const base64 = (bytes: string): string => (/^[\0-\xff]*$/.test(bytes) ? btoa(bytes).replace(/=+$/, '') : '')

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
