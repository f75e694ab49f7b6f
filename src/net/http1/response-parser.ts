// Hot path. Reads HTTP/1.x answers as they come in, whatever way they are cut into pieces: status, framing (RFC 9112 §6),
// size of the body. Keeps no header and no body; what is asked is when an answer ends, and whether it may be trusted.
import type { AnswerReader } from '../client.ts'

const lineLimit = 1 << 16
const CR = 13
const LF = 10

/** What the bytes are not. */
export class ResponseError extends Error {
  override readonly name = 'ResponseError'
}

type State =
  | 'status'
  | 'header'
  | 'body'
  | 'chunk-size'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailer'
  | 'until-close'
  | 'done'

export class ResponseParser implements AnswerReader {
  readonly #head: boolean
  #state: State = 'done'
  #line = ''
  /** Bytes left of the body or chunk. */
  #left = 0
  #length = -1
  #chunked = false
  #lineBytes = 0

  status = 0
  bodyBytes = 0
  /** Whether the server lets the connection be used again. */
  keepAlive = true
  keepAliveMs: number = Number.NaN
  /** Whether any byte of the answer has come. */
  begun = false

  /** @param head answers to HEAD: they have the headers of a body, and none */
  constructor(head = false) {
    this.#head = head
  }

  expect(): void {
    this.#startMessage()
    this.#lineBytes = 0
    this.bodyBytes = 0
    this.begun = false
  }

  #startMessage(): void {
    this.#state = 'status'
    this.#line = ''
    this.#length = -1
    this.#chunked = false
    this.status = 0
    this.keepAlive = true
    this.keepAliveMs = Number.NaN
  }

  /** Takes the next bytes; true when the answer is complete. @throws ResponseError when this is not HTTP/1.x. */
  push(bytes: Buffer, length: number = bytes.length): boolean {
    if (length > 0) this.begun = true
    let at = 0
    while (at < length) {
      switch (this.#state) {
        case 'body':
        case 'chunk-data': {
          const taken = Math.min(this.#left, length - at)
          this.bodyBytes += taken
          this.#left -= taken
          at += taken
          if (this.#left === 0) this.#state = this.#state === 'body' ? 'done' : 'chunk-end'
          break
        }
        case 'until-close':
          this.bodyBytes += length - at
          at = length
          break
        case 'done':
          throw new ResponseError('bytes after the end of the answer')
        default:
          at = this.#takeLine(bytes, at, length)
      }
    }
    return this.#state === 'done'
  }

  /** The server closed its side; true when that completes the answer. */
  end(): boolean {
    if (this.#state !== 'until-close') return false
    this.#state = 'done'
    this.keepAlive = false
    return true
  }

  #takeLine(bytes: Buffer, from: number, length: number): number {
    const end = bytes.indexOf(LF, from)
    const whole = end >= 0 && end < length
    const stop = whole ? end : length
    this.#lineBytes += stop - from + (whole ? 1 : 0)
    if (this.#lineBytes > lineLimit) throw new ResponseError(`headers of more than ${lineLimit} bytes`)
    this.#line += bytes.toString('latin1', from, stop)
    if (this.#state === 'status' && !startsLikeHttp(this.#line))
      throw new ResponseError(`it begins with ${JSON.stringify(this.#line.slice(0, 20))}`)
    if (!whole) return length
    const line = this.#line.charCodeAt(this.#line.length - 1) === CR ? this.#line.slice(0, -1) : this.#line
    this.#line = ''
    this.#onLine(line)
    return end + 1
  }

  #onLine(line: string): void {
    switch (this.#state) {
      case 'status':
        // A line break before the status line is tolerated (RFC 9112 §2.2).
        if (line !== '') this.#onStatus(line)
        break
      case 'header':
        if (line === '') this.#onHeadersEnd()
        else this.#onHeader(line)
        break
      case 'chunk-size': {
        const size = /^[0-9a-f]{1,12}(?=\s*(?:;|$))/i.exec(line)
        if (!size) throw new ResponseError(`a chunk of size ${JSON.stringify(line.slice(0, 20))}`)
        this.#left = Number.parseInt(size[0], 16)
        this.#lineBytes = 0
        this.#state = this.#left === 0 ? 'trailer' : 'chunk-data'
        break
      }
      case 'chunk-end':
        if (line !== '') throw new ResponseError('a chunk longer than it says')
        this.#state = 'chunk-size'
        break
      case 'trailer':
        if (line === '') this.#state = 'done'
        break
      default:
        throw new ResponseError('a line where none belongs')
    }
  }

  #onStatus(line: string): void {
    const match = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(line)
    if (!match) throw new ResponseError(`its status line is ${JSON.stringify(line.slice(0, 40))}`)
    this.status = Number(match[2])
    // RFC 9110 §15: others are invalid, and 0 is what a success is recorded as.
    if (this.status < 100 || this.status > 599)
      throw new ResponseError(`its status is ${match[2]}, not one from 100 to 599`)
    this.keepAlive = match[1] === '1'
    this.#state = 'header'
  }

  #onHeader(line: string): void {
    const colon = line.indexOf(':')
    if (colon <= 0) throw new ResponseError(`a header without a colon: ${JSON.stringify(line.slice(0, 40))}`)
    // Only four headers say how long the answer is, and how long the connection lives on.
    if (colon !== 14 && colon !== 17 && colon !== 10) return
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (name === 'content-length') {
      const length = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
      if (Number.isNaN(length) || (this.#length >= 0 && this.#length !== length))
        throw new ResponseError(`a content-length of ${JSON.stringify(value.slice(0, 20))}`)
      this.#length = length
    } else if (name === 'keep-alive') {
      const seconds = /\btimeout\s*=\s*(\d{1,6})/i.exec(value)?.[1]
      if (seconds !== undefined) this.keepAliveMs = Number(seconds) * 1e3
    } else if (name === 'transfer-encoding') this.#chunked = /(?:^|,)\s*chunked\s*$/i.test(value)
    else if (name === 'connection') {
      if (/\bclose\b/i.test(value)) this.keepAlive = false
      else if (/\bkeep-alive\b/i.test(value)) this.keepAlive = true
    }
  }

  #onHeadersEnd(): void {
    const { status } = this
    if (status >= 100 && status < 200 && status !== 101) {
      // An interim answer (100 Continue, 103 Early Hints): the real one follows. Its bytes count: it may not be put off for ever.
      this.#startMessage()
      return
    }
    if (status === 101) throw new ResponseError('the server switches protocols')
    this.#lineBytes = 0
    if (this.#head || status === 204 || status === 304) this.#state = 'done'
    else if (this.#chunked) this.#state = 'chunk-size'
    else if (this.#length >= 0) {
      this.#left = this.#length
      this.#state = this.#left === 0 ? 'done' : 'body'
    } else {
      this.#state = 'until-close'
      this.keepAlive = false
    }
  }
}

const begin = 'HTTP/'
const startsLikeHttp = (text: string): boolean => {
  const line = text.replace(/^\r?$/, '')
  return begin.startsWith(line.slice(0, begin.length))
}
