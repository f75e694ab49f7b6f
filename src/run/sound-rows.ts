// Which rows of a run can be: its recordings and channels exist, its times are times and in order, its codes are known. What a
// damaged file holds besides is left out and counted, so that analyses meet only rows that somebody can have measured.
import type { Unmeasured } from './manifest.ts'
import type { Measured } from './source.ts'
import {
  ofTables,
  phases,
  stampNames,
  statusNames,
  tableNames,
  type AnyChunk,
  type BatchChunk,
  type Chunks,
  type RequestChunk,
  type SampleChunk,
  type TableName,
  type TableRows,
} from './table.ts'
import type { RunEvent } from './event.ts'

/** Times are exact up to here, ns: 104 days. */
const largestTime = 2 ** 53
/** Beyond every counter of 64 bits; sums and squares of it stay finite. */
const largestValue = 1e21
/** Two threads, or a time stamped by the kernel, may disagree by so much, ns. */
const slack = 1e6

/**
 * The rows that can be; where some cannot, `manifest.unmeasured` says how many of what were left out.
 * @param unreadable what the reader had to leave out already, because it was neither rows nor an event.
 */
export function soundRows(measured: Measured, unreadable = 0): Measured {
  const { manifest } = measured
  const limits: Limits = {
    recordings: Math.max(1, manifest.recordings.length),
    channels: manifest.channels.length,
  }
  const sound = ofTables<Readonly<Record<TableName, Kept>>>((name) => soundOf(name, measured[name], limits))
  const events = measured.events.filter((event) => isPlaced(event, limits))
  const lost = [
    ...tableNames.map((name) => counted(sound[name].lost, ...rowNames[name])),
    counted(measured.events.length - events.length, 'event'),
    counted(unreadable, 'entry that is none of these', 'entries that are none of these'),
  ].filter((text) => text !== '')
  return {
    manifest: lost.length === 0 ? manifest : { ...manifest, unmeasured: [...manifest.unmeasured, damagedRows(lost)] },
    ...ofTables<TableRows>((name) => sound[name].chunks),
    events,
  }
}

interface Limits {
  readonly recordings: number
  readonly channels: number
}

const rowNames: { readonly [Name in TableName]: readonly [one: string, many?: string] } = {
  requests: ['request'],
  batches: ['batch', 'batches'],
  samples: ['sample'],
}

const isSound: { readonly [Name in TableName]: (chunk: Chunks[Name], i: number, limits: Limits) => boolean } = {
  requests: isRequest,
  batches: isBatch,
  samples: isSample,
}

function soundOf(name: TableName, chunks: readonly AnyChunk[], limits: Limits): Kept {
  const check = isSound[name] as (chunk: AnyChunk, i: number, limits: Limits) => boolean
  return kept(chunks, (chunk, i) => chunk.recording[i]! < limits.recordings && check(chunk, i, limits))
}

const counted = (n: number, one: string, many = `${one}s`): string => (n === 0 ? '' : `${n} ${n === 1 ? one : many}`)

const damagedRows = (lost: readonly string[]): Unmeasured => ({
  what: 'damaged rows',
  reason: `${lost.join(', ')} in the run folder cannot have been measured (times, channels or codes make no sense) and were left out`,
  remedy: 'Check the disk and the memory of the machine; measure again for a whole run.',
})

function isRequest(chunk: RequestChunk, i: number): boolean {
  const scheduled = chunk.scheduled[i]!
  const ready = chunk.ready[i]!
  const started = chunk.started[i]!
  const done = chunk.done[i]!
  const status = chunk.status[i]!
  return (
    isId(chunk.id[i]!) &&
    chunk.phase[i]! < phases.length &&
    scheduled >= 0 &&
    done <= largestTime &&
    done >= started &&
    done >= scheduled &&
    ready >= scheduled - slack &&
    started >= ready - slack &&
    (status < statusNames.length || (status >= 100 && status <= 999)) &&
    isAbsentOr(chunk.first[i]!, largestTime) &&
    !(chunk.seen[i]! < done - slack || chunk.seen[i]! > largestTime) &&
    chunk.stamp[i]! < stampNames.length &&
    isAbsentOr(chunk.engine[i]!, largestTime) &&
    isAbsentOr(chunk.sizeIn[i]!, largestValue) &&
    isAbsentOr(chunk.sizeOut[i]!, largestValue)
  )
}

function isBatch(chunk: BatchChunk, i: number): boolean {
  const opened = chunk.opened[i]!
  const started = chunk.started[i]!
  const done = chunk.done[i]!
  return (
    isId(chunk.id[i]!) &&
    opened >= 0 &&
    started >= opened - slack &&
    done >= started &&
    done <= largestTime &&
    isAbsentOr(chunk.useful[i]!, largestValue) &&
    isAbsentOr(chunk.padded[i]!, largestValue)
  )
}

/** A value of NaN is an interval that nobody knows; a replayed reading may be older than the run. */
function isSample(chunk: SampleChunk, i: number, { channels }: Limits): boolean {
  const value = chunk.value[i]!
  return (
    chunk.channel[i]! < channels &&
    Math.abs(chunk.t[i]!) <= largestTime &&
    (Number.isNaN(value) || Math.abs(value) <= largestValue)
  )
}

const isPlaced = ({ recording, t }: RunEvent, { recordings }: Limits): boolean =>
  Number.isInteger(recording) && recording >= 0 && recording < recordings && Math.abs(t) <= largestTime

const isId = (id: number): boolean => Number.isSafeInteger(id) && id >= 0

const isAbsentOr = (value: number, largest: number): boolean => Number.isNaN(value) || (value >= 0 && value <= largest)

interface Kept {
  readonly chunks: readonly AnyChunk[]
  readonly lost: number
}

function kept(chunks: readonly AnyChunk[], isSound: (chunk: AnyChunk, i: number) => boolean): Kept {
  let lost = 0
  const sound = chunks.map((chunk) => {
    const keep = new Uint8Array(chunk.length)
    let length = 0
    for (let i = 0; i < chunk.length; i++) if (isSound(chunk, i)) length += keep[i] = 1
    lost += chunk.length - length
    return length === chunk.length ? chunk : withRows(chunk, keep, length)
  })
  return { chunks: sound.filter(({ length }) => length > 0), lost }
}

/** A chunk with those of its rows that `keep` marks. */
function withRows(chunk: AnyChunk, keep: Uint8Array, length: number): AnyChunk {
  const columns = Object.entries(chunk as unknown as Readonly<Record<string, Uint8Array>>).filter(
    ([key]) => key !== 'length',
  )
  return {
    length,
    ...Object.fromEntries(columns.map(([key, values]) => [key, values.filter((_, i) => keep[i] === 1)])),
  } as unknown as AnyChunk
}
