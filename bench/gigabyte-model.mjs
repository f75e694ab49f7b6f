// Writes a 1 GB ONNX model as a sparse file: the weights are zeros that no disk block holds.
import { ftruncateSync } from 'node:fs'

const varint = (value) => {
  const bytes = []
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)])
    bytes.push(Number(rest & 127n) | 128)
  }
}
const field = (number, body) => Buffer.concat([varint(number * 8 + 2), varint(body.length), body])
const integer = (number, value) => Buffer.concat([varint(number * 8), varint(value)])
const text = (number, value) => field(number, Buffer.from(value))

/** @param fs openSync, writeSync, closeSync */
export function fixture(path, { openSync, writeSync, closeSync }) {
  const layers = 240
  const side = 1024
  const bytes = side * side * 4
  const shape = field(2, Buffer.concat([field(1, integer(1, 1)), field(1, integer(1, side))]))
  const value = (number, name) =>
    field(number, Buffer.concat([text(1, name), field(2, field(1, Buffer.concat([integer(1, 1), shape])))]))
  const nodes = Array.from({ length: layers }, (_, i) =>
    field(
      1,
      Buffer.concat([text(1, `x${i}`), text(1, `w${i}`), text(2, `x${i + 1}`), text(3, `m${i}`), text(4, 'MatMul')]),
    ),
  )
  const head = (i) => {
    const facts = Buffer.concat([
      integer(1, side),
      integer(1, side),
      integer(2, 1),
      text(8, `w${i}`),
      varint(9 * 8 + 2),
      varint(bytes),
    ])
    return Buffer.concat([varint(5 * 8 + 2), varint(facts.length + bytes), facts])
  }
  const heads = Array.from({ length: layers }, (_, i) => head(i))
  const tail = Buffer.concat([text(2, 'gigabyte'), value(11, 'x0'), value(12, `x${layers}`)])
  const graph = [...nodes, ...heads, tail].reduce((sum, part) => sum + part.length, layers * bytes)
  const fd = openSync(path, 'w')
  let at = 0
  const put = (buffer) => {
    writeSync(fd, buffer, 0, buffer.length, at)
    at += buffer.length
  }
  put(Buffer.concat([integer(1, 8), varint(7 * 8 + 2), varint(graph)]))
  for (const node of nodes) put(node)
  for (const start of heads) {
    put(start)
    at += bytes
  }
  put(tail)
  put(field(8, Buffer.concat([text(1, ''), integer(2, 17)])))
  ftruncateSync(fd, at)
  closeSync(fd)
}
