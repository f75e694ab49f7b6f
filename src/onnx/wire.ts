// The protobuf wire format over a source of bytes, one message field at a time. Lengths are checked against the enclosing
// message before anything is read or allocated; payloads that nobody wants are never read.
import type { ByteSource } from '../run/ports.ts'

/** What the bytes are not; the reader of models says it of the file. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

/** One object a message, filled anew for each of its fields: copy what is to be kept. */
export interface Field {
  readonly number: number
  /** 0 varint · 1 eight bytes · 2 length-delimited · 5 four bytes. */
  readonly type: 0 | 1 | 2 | 5
  /** Of a varint: its value as a signed 64-bit number (exact to 2⁵³). */
  readonly value: number
  /** Of the others: where the payload lies. */
  readonly from: number
  readonly to: number
}

/** Read at once where reading goes on, and after a jump: past weights there is often but one small field. */
const windowBytes = 1 << 15
const jumpBytes = 1 << 11
const shortText = 64
const decoder = new TextDecoder()

export class Wire {
  readonly #source: ByteSource
  #window: Uint8Array = new Uint8Array(0)
  #from = 0
  #next = 0

  constructor(source: ByteSource) {
    this.#source = source
  }

  get size(): number {
    return this.#source.size
  }

  /** Calls `visit` for each field of the message at [from, to). */
  fields(from: number, to: number, visit: (field: Field) => void): void {
    const field: { -readonly [K in keyof Field]: Field[K] } = { number: 0, type: 0, value: 0, from: 0, to: 0 }
    let at = from
    while (at < to) {
      const tag = this.#varint(at, to)
      at = this.#next
      // Field numbers are unsigned 29-bit; a larger tag is no tag.
      if (tag < 0 || tag > 0xffffffff) throw new WireError(`a field tag at byte ${at} is out of range`)
      const type = tag % 8
      field.number = Math.floor(tag / 8)
      field.value = 0
      field.from = at
      if (field.number === 0) throw new WireError(`a field without number at byte ${at}`)
      if (type === 0) {
        field.value = this.#varint(at, to)
        at = this.#next
      } else if (type === 2) {
        const length = this.#varint(at, to)
        field.from = this.#next
        if (length < 0 || field.from + length > to) {
          if (length > 0 && to === this.size) throw new WireError(`the file ends at byte ${to}, in mid-field`)
          throw new WireError(`a field at byte ${at} is longer than what holds it`)
        }
        at = field.from + length
      } else if (type === 1 || type === 5) {
        at += type === 1 ? 8 : 4
        if (at > to) throw new WireError(`a field at byte ${field.from} is cut off`)
      } else throw new WireError(`an unknown wire type ${type} at byte ${at}`)
      field.type = type
      field.to = at
      visit(field)
    }
  }

  /** Bytes of a payload, at most `limit` of them; the view is valid until the next call. */
  bytes(from: number, to: number, limit: number): Uint8Array {
    if (to - from > limit) throw new WireError(`a text at byte ${from} is ${to - from} bytes long`)
    return this.#need(from, to - from)
  }

  text(from: number, to: number, limit: number = 1 << 16): string {
    return to - from <= shortText ? this.#short(from, to) : decoder.decode(this.bytes(from, to, limit))
  }

  /** Names: a view and a decoder for each of thousands would take most of the time. */
  #short(from: number, to: number): string {
    const codes: number[] = []
    for (let at = from; at < to; at++) {
      const code = this.#byte(at)
      if (code > 127) return decoder.decode(this.#need(from, to - from))
      codes.push(code)
    }
    return String.fromCharCode(...codes)
  }

  float(from: number): number {
    const bytes = this.#need(from, 4)
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true)
  }

  /** A repeated integer: one value, or many packed into one payload. Adds to `into`, at most `limit` in all. */
  integers(field: Field, into: number[], limit: number): void {
    if (field.type === 0) into.push(field.value)
    else if (field.type === 2) {
      for (let at = field.from; at < field.to;) {
        into.push(this.#varint(at, field.to))
        at = this.#next
        if (into.length > limit) throw new WireError(`a list at byte ${field.from} has more than ${limit} numbers`)
      }
    } else throw new WireError(`a list at byte ${field.from} holds no integers`)
    if (into.length > limit) throw new WireError(`a list at byte ${field.from} has more than ${limit} numbers`)
  }

  floats(field: Field, into: number[], limit: number): void {
    if (field.type === 5) into.push(this.float(field.from))
    else if (field.type === 2) {
      if ((field.to - field.from) / 4 + into.length > limit)
        throw new WireError(`a list at byte ${field.from} has more than ${limit} numbers`)
      for (let at = field.from; at + 4 <= field.to; at += 4) into.push(this.float(at))
    } else throw new WireError(`a list at byte ${field.from} holds no floats`)
  }

  #need(from: number, length: number): Uint8Array {
    if (from < this.#from || from + length > this.#from + this.#window.length) {
      // The source's view lasts until it is asked again, and only this line asks it.
      const goesOn = from <= this.#from + this.#window.length && from >= this.#from
      const wanted = Math.max(length, goesOn ? windowBytes : jumpBytes)
      this.#window = this.#source.read(from, Math.min(wanted, this.#source.size - from))
      this.#from = from
      if (this.#window.length < length) throw new WireError(`the file ends at byte ${from + this.#window.length}`)
    }
    return this.#window.subarray(from - this.#from, from - this.#from + length)
  }

  /** A signed 64-bit number, exact to 2⁵³; leaves in `#next` where it ends. */
  #varint(at: number, to: number): number {
    const index = at - this.#from
    const first = index >= 0 && at < to ? this.#window[index] : undefined
    if (first !== undefined && first < 128) {
      this.#next = at + 1
      return first
    }
    let low = 0
    let high = 0
    for (let i = 0; i < 10; i++) {
      if (at + i >= to) throw new WireError(`a number at byte ${at} is cut off`)
      const byte = this.#byte(at + i)
      const bits = byte & 127
      if (i < 4) low |= bits << (7 * i)
      else if (i === 4) {
        low |= bits << 28
        high |= bits >> 4
      } else high |= bits << (7 * i - 32)
      if (byte < 128) {
        this.#next = at + i + 1
        return high * 4294967296 + (low >>> 0)
      }
    }
    throw new WireError(`a number at byte ${at} is longer than ten bytes`)
  }

  #byte(at: number): number {
    const index = at - this.#from
    return (index >= 0 ? this.#window[index] : undefined) ?? this.#need(at, 1)[0]!
  }
}
