// Tables of `gpu_metrics` for tests: what is not said is not given (all ones), as the driver begins.
import { layouts } from './layout.ts'

/** @param key `revision/size` @param fields of an array the first value */
export function table(key: string, fields: Readonly<Record<string, number>>): Buffer {
  const [revision, size] = key.split('/') as [string, string]
  const [format, content] = revision.split('.').map(Number) as [number, number]
  const bytes = Buffer.alloc(Number(size), 0xff)
  bytes.writeUInt16LE(Number(size), 0)
  bytes.writeUInt8(format, 2)
  bytes.writeUInt8(content, 3)
  for (const [field, value] of Object.entries(fields)) {
    const [offset, width] = layouts[key]![field]!
    if (width === 8) bytes.writeBigUInt64LE(BigInt(value), offset)
    else bytes.writeUIntLE(value, offset, width)
  }
  return bytes
}

export interface Attribute {
  readonly id: number
  readonly unit: number
  readonly type: number
  readonly values: readonly bigint[]
}

/** Revision 1.9. */
export function describedTable(attributes: readonly Attribute[]): Buffer {
  const parts = attributes.map(({ id, unit, type, values }) => {
    const bytes = 1 << (type >> 1)
    const part = Buffer.alloc(8 + bytes * values.length)
    part.writeUInt32LE(unit * 2 ** 24 + (type << 20) + (id << 10) + values.length, 0)
    values.forEach((value, index) => {
      for (let i = 0; i < bytes; i++) part[8 + index * bytes + i] = Number((value >> BigInt(8 * i)) & 0xffn)
    })
    return part
  })
  const header = Buffer.alloc(8)
  const whole = Buffer.concat([header, ...parts])
  whole.writeUInt16LE(whole.length, 0)
  whole.writeUInt8(1, 2)
  whole.writeUInt8(9, 3)
  whole.writeUInt32LE(attributes.length, 4)
  return whole
}
