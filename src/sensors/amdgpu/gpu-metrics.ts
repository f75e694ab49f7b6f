// amdgpu's `gpu_metrics`: a binary table whose first four bytes say its size and revision. All ones mean that the device
// does not give a value. A revision or size we do not know is refused whole: tables of one revision have changed before.
import { attributeIds, layouts, type Layout, type Place } from './layout.ts'

export interface Metrics {
  /** `1.3` */
  readonly revision: string
  /** `undefined` where the table does not have it, or the device does not give it. */
  get(field: string): number | undefined
  /** All given values of an array. */
  all(field: string): readonly number[]
  /** Of a mask: 64 bits are more than a number holds. */
  bits(field: string): bigint | undefined
}

export type MetricsResult =
  | { readonly ok: true; readonly metrics: Metrics }
  | { readonly ok: false; readonly reason: string }

export function readMetrics(bytes: Uint8Array): MetricsResult {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 4) return { ok: false, reason: `gpu_metrics has ${bytes.length} bytes, and no header` }
  const size = view.getUint16(0, true)
  const revision = `${view.getUint8(2)}.${view.getUint8(3)}`
  if (size > bytes.length)
    return { ok: false, reason: `gpu_metrics is cut off: ${bytes.length} of ${size} bytes (revision ${revision})` }
  const layout = revision === '1.9' ? describedLayout(view, size) : layouts[`${revision}/${size}`]
  if (!layout)
    return { ok: false, reason: `gpu_metrics has a layout that is not known here: revision ${revision}, ${size} bytes` }
  const bits = (field: string, index = 0): bigint | undefined => {
    const place = layout[field]
    return place && index < place[2] ? valueAt(view, place[0] + index * place[1], place[1]) : undefined
  }
  const all = (field: string): readonly number[] =>
    Array.from({ length: layout[field]?.[2] ?? 0 }, (_, index) => bits(field, index))
      .filter((value) => value !== undefined)
      .map(Number)
  return { ok: true, metrics: { revision, get: (field) => all(field)[0], all, bits } }
}

function valueAt(view: DataView, at: number, bytes: Place[1]): bigint | undefined {
  let value = 0n
  for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(view.getUint8(at + i))
  return value === (1n << BigInt(8 * bytes)) - 1n ? undefined : value
}

const attributeStart = 8
/** Bytes of enum amdgpu_metrics_attr_type: u8, s8, u16, s16, u32, s32, u64, s64. */
const typeBytes = [1, 1, 2, 2, 4, 4, 8, 8] as const

/**
 * Revision 1.9 describes itself: a count, then for each attribute 64 bits that say its unit, type, id and number of values
 * (`AMDGPU_METRICS_ENC_ATTR`), and the values, without padding. `undefined` when that does not fit its size.
 */
function describedLayout(view: DataView, size: number): Layout | undefined {
  if (size < attributeStart) return undefined
  const layout: Record<string, Place> = {}
  let at = attributeStart
  for (let left = view.getUint32(4, true); left > 0; left--) {
    if (at + 8 > size) return undefined
    const encoding = view.getUint32(at, true)
    const bytes = typeBytes[(encoding >>> 20) & 0xf]
    const count = encoding & 0x3ff
    at += 8
    if (bytes === undefined || at + bytes * count > size) return undefined
    const attribute = attributeIds[(encoding >>> 10) & 0x3ff]
    // A unit other than the one its name had so far would be read wrong.
    if (attribute && attribute[1] === encoding >>> 24) layout[attribute[0]] = [at, bytes, count]
    at += bytes * count
  }
  return layout
}
