// Writes WebAssembly modules: the few sections and instructions that tight loops over numbers need (core specification 2.0
// with SIMD, and relaxed SIMD). Checks nothing; the engine does, when the module is compiled.

export type ValueType = 'i32' | 'f32' | 'v128'

const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b }

/** Machine code as bytes, in nested lists that are flattened when the module is written. */
export type Code = number | readonly Code[]

export interface WasmFunction {
  /** Under which it is exported. */
  readonly name: string
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
  /** Numbered on from the parameters. */
  readonly locals: readonly ValueType[]
  readonly body: readonly Code[]
}

/** An unsigned LEB128 number. */
export function unsigned(value: number): readonly number[] {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low | 128 : low)
  } while (rest > 0)
  return bytes
}

/** A signed LEB128 number of 32 bits. */
export function signed(value: number): readonly number[] {
  const bytes: number[] = []
  let rest = value | 0
  for (;;) {
    const low = rest & 127
    rest >>= 7
    const done = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)
    bytes.push(done ? low : low | 128)
    if (done) return bytes
  }
}

/** SIMD instructions: a prefix and a number. */
const simd = (number: number): readonly number[] => [0xfd, ...unsigned(number)]
/** Offset in bytes; 16-byte alignment is a promise about speed, not about correctness. */
const at = (offset: number): readonly number[] => [4, ...unsigned(offset)]

interface Instructions {
  get(local: number): Code
  set(local: number): Code
  constant(value: number): Code
  readonly add: Code
  readonly subtract: Code
  readonly xor: Code
  /** Runs `body` again while the number it leaves is not zero. */
  repeat(...body: readonly Code[]): Code
  /** Of 16 bytes at an address, offset in bytes. */
  load(offset: number): Code
  store(offset: number): Code
  readonly i64x2Add: Code
  readonly f32x4Add: Code
  readonly f32x4Multiply: Code
  readonly f64x2Add: Code
  readonly f64x2Multiply: Code
  /** a·b + c in float32, fused where the processor can. */
  readonly relaxedMultiplyAdd: Code
}

export const op: Instructions = {
  get: (local) => [0x20, unsigned(local)],
  set: (local) => [0x21, unsigned(local)],
  constant: (value) => [0x41, signed(value)],
  add: 0x6a,
  subtract: 0x6b,
  xor: 0x73,
  repeat: (...body) => [0x03, 0x40, ...body, 0x0d, 0x00, 0x0b],
  load: (offset) => [simd(0), at(offset)],
  store: (offset) => [simd(11), at(offset)],
  i64x2Add: simd(206),
  f32x4Add: simd(228),
  f32x4Multiply: simd(230),
  f64x2Add: simd(240),
  f64x2Multiply: simd(242),
  relaxedMultiplyAdd: simd(261),
}

/** A module that imports the memory `host.memory` and exports its functions. */
export function encodeModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const text = (value: string): Code => [unsigned(value.length), [...value].map((letter) => letter.charCodeAt(0))]
  const list = (items: readonly Code[]): Code => [unsigned(items.length), ...items]
  const section = (id: number, content: Code): Code => [id, sized(content)]
  const types = (values: readonly ValueType[]): Code => list(values.map((value) => typeCodes[value]))
  return Uint8Array.from(
    flat([
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      section(1, list(functions.map(({ params, results }) => [0x60, types(params), types(results)]))),
      section(2, list([[text('host'), text('memory'), 0x02, 0x00, unsigned(0)]])),
      section(3, list(functions.map((_, index) => unsigned(index)))),
      section(7, list(functions.map(({ name }, index) => [text(name), 0x00, unsigned(index)]))),
      section(
        10,
        list(
          functions.map(({ locals, body }) =>
            sized([list(locals.map((local) => [unsigned(1), typeCodes[local]])), body, 0x0b]),
          ),
        ),
      ),
    ]),
  )
}

function sized(content: Code): Code {
  const bytes = flat(content)
  return [unsigned(bytes.length), bytes]
}

const flat = (code: Code): readonly number[] => (typeof code === 'number' ? [code] : code.flatMap(flat))
