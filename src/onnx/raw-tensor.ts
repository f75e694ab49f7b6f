// Elements of a tensor's raw bytes, by data type.
import { dataTypes, elements } from './model.ts'

export const rawReaders: Readonly<Record<number, (view: DataView, at: number) => number>> = {
  1: (view, at) => view.getFloat32(at, true),
  2: (view, at) => view.getUint8(at),
  3: (view, at) => view.getInt8(at),
  4: (view, at) => view.getUint16(at, true),
  5: (view, at) => view.getInt16(at, true),
  6: (view, at) => view.getInt32(at, true),
  7: (view, at) => Number(view.getBigInt64(at, true)),
  9: (view, at) => view.getUint8(at),
  11: (view, at) => view.getFloat64(at, true),
  12: (view, at) => view.getUint32(at, true),
  13: (view, at) => Number(view.getBigUint64(at, true)),
}

export const byteSize = (dtype: number, dims: readonly number[]): number =>
  Math.ceil((elements(dims) * (dataTypes[dtype]?.bits ?? 0)) / 8)
