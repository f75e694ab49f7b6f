// A libc for virtual hosts whose perf_event_open counts what a test says, or refuses as it says.

export interface AskedEvent {
  readonly number: number
  readonly type: number
  readonly size: number
  readonly config: bigint
  readonly config1: bigint
  readonly config2: bigint
  readonly readFormat: bigint
  readonly flags: bigint
  readonly pid: number
  readonly cpu: number
  readonly group: number
  readonly openFlags: number
}

/** What a descriptor reads: a count, with the times enabled and running (1 s of 1 s when left out). */
export type Counting = () => bigint | { readonly value: bigint; readonly enabled: number; readonly running: number }

export interface VirtualPerf {
  /** For `virtualHost({ libraries: { 'libc.so.6': perf.libc } })`. */
  readonly libc: Record<string, (...args: never[]) => unknown>
  /** Events asked for, in order. */
  readonly asked: readonly AskedEvent[]
  /** Descriptors that are open now. */
  readonly open: ReadonlyMap<number, AskedEvent>
}

/** @param answer an errno, or what the event counts */
export function virtualPerf(answer: (event: AskedEvent) => number | Counting): VirtualPerf {
  const asked: AskedEvent[] = []
  const open = new Map<number, AskedEvent>()
  const counting = new Map<number, Counting>()
  let errno = 0
  let next = 100
  const syscall = (number: number, ...args: readonly unknown[]): number => {
    const [, attribute, , pid, , cpu, , group, , openFlags] = args as [string, Buffer, ...unknown[]]
    const event: AskedEvent = {
      number,
      type: attribute.readUInt32LE(0),
      size: attribute.readUInt32LE(4),
      config: attribute.readBigUInt64LE(8),
      readFormat: attribute.readBigUInt64LE(32),
      flags: attribute.readBigUInt64LE(40),
      config1: attribute.readBigUInt64LE(56),
      config2: attribute.readBigUInt64LE(64),
      pid: Number(pid),
      cpu: Number(cpu),
      group: Number(group),
      openFlags: Number(openFlags),
    }
    asked.push(event)
    const given = answer(event)
    if (typeof given === 'number') {
      errno = given
      return -1
    }
    counting.set(next, given)
    open.set(next, event)
    return next++
  }
  const countOf = (fd: number): Exclude<ReturnType<Counting>, bigint> | undefined => {
    const count = counting.get(fd)?.()
    return typeof count === 'bigint' ? { value: count, enabled: 1e9, running: 1e9 } : count
  }
  const read = (fd: number, into: Uint8Array, size: number): number => {
    const count = countOf(fd)
    if (count === undefined) return -1
    const grouped = (open.get(fd)!.readFormat & 8n) !== 0n
    const members = grouped ? [...open].filter(([member, { group }]) => member === fd || group === fd) : []
    const words = [BigInt(count.enabled), BigInt(count.running)]
    if (grouped) words.unshift(BigInt(members.length))
    else words.unshift(count.value)
    for (const [member] of members) words.push(member === fd ? count.value : countOf(member)!.value)
    if (size < 8 * words.length) return -1
    const view = new DataView(into.buffer, into.byteOffset, into.byteLength)
    words.forEach((word, i) => view.setBigUint64(8 * i, word, true))
    return 8 * words.length
  }
  const close = (fd: number): number => {
    counting.delete(fd)
    return open.delete(fd) ? 0 : -1
  }
  return { libc: { syscall, read, close, errno: () => errno }, asked, open }
}
