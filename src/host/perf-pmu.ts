// What sysfs says of a PMU (/sys/bus/event_source/devices): its type, its CPUs, its events, and into which bits of the
// attribute their fields go. Grammar: Documentation/ABI/testing/sysfs-bus-event_source-devices-{events,format}.
import { cpuList } from './cpu-list.ts'
import type { Host } from './host.ts'

export const pmuFolder = '/sys/bus/event_source/devices'

/** Where a field's bits go, lowest first: `config:0-7,32` is [[0, 7], [32, 32]]. */
export interface PmuField {
  readonly word: 'config' | 'config1' | 'config2'
  readonly ranges: readonly (readonly [from: number, to: number])[]
}

export interface PmuEncoding {
  readonly config: bigint
  readonly config1: bigint
  readonly config2: bigint
}

export interface PmuEvent extends PmuEncoding {
  /** One count is this many of `unit`. */
  readonly scale: number
  readonly unit: string | undefined
}

export interface Pmu {
  readonly name: string
  readonly type: number
  /** One CPU for each thing it counts (a socket, a die); undefined where sysfs names none, as for core PMUs. */
  readonly cpus: readonly number[] | undefined
}

export function findPmu(host: Host, name: string): Pmu | undefined {
  const type = Number(host.readFile(`${pmuFolder}/${name}/type`))
  if (!Number.isInteger(type) || type <= 0) return undefined
  const mask = host.readFile(`${pmuFolder}/${name}/cpumask`) ?? host.readFile(`${pmuFolder}/${name}/cpus`)
  return { name, type, cpus: mask === undefined ? undefined : cpuList(mask) }
}

/** Names of events; files as `name.scale` and `name.unit` belong to one. */
export const pmuEventNames = (host: Host, name: string): readonly string[] =>
  host.list(`${pmuFolder}/${name}/events`).filter((event) => !/\.(?:scale|unit|snapshot|per-pkg)$/.test(event))

/** An event of sysfs, or one written in its language (`event=0x0a,rdwrmask=0x1`); undefined where it cannot be encoded. */
export function pmuEvent(host: Host, pmu: string, event: { name: string } | { terms: string }): PmuEvent | undefined {
  const folder = `${pmuFolder}/${pmu}`
  const terms = 'terms' in event ? event.terms : host.readFile(`${folder}/events/${event.name}`)
  if (terms === undefined) return undefined
  const fields = new Map<string, PmuField>()
  for (const name of host.list(`${folder}/format`)) {
    const field = parseFormat(host.readFile(`${folder}/format/${name}`) ?? '')
    if (field) fields.set(name, field)
  }
  const encoding = encodeTerms(terms, fields)
  if (!encoding) return undefined
  if ('terms' in event) return { ...encoding, scale: 1, unit: undefined }
  const scale = Number(host.readFile(`${folder}/events/${event.name}.scale`) ?? 1)
  const unit = host.readFile(`${folder}/events/${event.name}.unit`)?.trim()
  return Number.isFinite(scale) && scale > 0 ? { ...encoding, scale, unit } : undefined
}

/** `config:0-7,21`; undefined for what is none, and for words this attribute does not have. */
export function parseFormat(text: string): PmuField | undefined {
  const [, word, list] = /^(config[12]?):([\d,-]+)$/.exec(text.trim()) ?? []
  if (word === undefined || list === undefined) return undefined
  const ranges = list.split(',').map((part) => {
    const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    return [Number(from ?? Number.NaN), Number(to ?? from ?? Number.NaN)] as const
  })
  return ranges.every(([from, to]) => from <= to && to < 64) ? { word: word as PmuField['word'], ranges } : undefined
}

/**
 * `event=0x04,umask=0x03,edge`: a field without a value is 1. Undefined when a field is unknown, its value has more bits
 * than the field, or is left open (`?`): an event that cannot be written exactly is not counted at all.
 */
export function encodeTerms(text: string, fields: ReadonlyMap<string, PmuField>): PmuEncoding | undefined {
  const words = { config: 0n, config1: 0n, config2: 0n }
  for (const term of text.trim().split(',')) {
    const [, name, given = '1'] = /^([A-Za-z_][\w-]*)(?:=(.+))?$/.exec(term.trim()) ?? []
    if (name === undefined || !/^(?:0x[0-9a-f]+|\d+)$/i.test(given)) return undefined
    const value = BigInt(given)
    if (name === 'config' || name === 'config1' || name === 'config2') {
      words[name] |= value
      continue
    }
    const field = fields.get(name)
    const bits = field && spread(value, field.ranges)
    if (!field || bits === undefined) return undefined
    words[field.word] |= bits
  }
  return words
}

/** The value's bits laid into the ranges, lowest first; undefined when some are left over. */
function spread(value: bigint, ranges: PmuField['ranges']): bigint | undefined {
  let rest = value
  let word = 0n
  for (const [from, to] of ranges) {
    const width = BigInt(to - from + 1)
    word |= (rest & ((1n << width) - 1n)) << BigInt(from)
    rest >>= width
  }
  return rest === 0n ? word : undefined
}
