// Groups of events as this kernel and processor take them: tried on one task or CPU, closed again, and opened alike on the
// others. What is refused is told by event.
import type { PerfAttribute, PerfCalls, PerfPlace } from '../../host/perf-event.ts'
import type { Pmu } from '../../host/perf-pmu.ts'
import { attributeOn, type CorePmus, type CountedEvent } from './events.ts'
import { countTotals, ScaledCounts, type CountTotals } from './scaled-counts.ts'

export interface EventGroup {
  readonly events: readonly CountedEvent[]
  /** Each of them has the whole group. */
  readonly pmus: CorePmus
}

/** Why an event is not counted: an errno, that it never got a counter, or that it does not move. */
export interface RefusedEvent {
  readonly name: string
  readonly why: number | 'no turn' | 'still'
}

export interface Opening {
  readonly perf: PerfCalls
  readonly userOnly: boolean
  /** For tasks: those that they start are counted with them. */
  readonly inherit: boolean
}

const EINVAL = 22

/** The groups that `events` fall into at `place`: one, or more where the processor cannot count them all at once. */
export function formGroups(
  opening: Opening,
  events: readonly CountedEvent[],
  pmus: CorePmus,
  place: PerfPlace,
): { readonly groups: readonly EventGroup[]; readonly refused: readonly RefusedEvent[] } {
  const groups: EventGroup[] = []
  const refused: RefusedEvent[] = []
  let open = new OpenGroup(opening, pmus, place)
  const end = (): void => {
    if (open.size > 0) {
      const verdict = open.trial()
      if (verdict === 'counts') groups.push(open.group)
      // Some counter is taken for good, as by the watchdog: each by itself may still find one.
      else if (verdict === 'no turn' && open.size > 1)
        for (const event of open.group.events) {
          const alone = formGroups(opening, [event], pmus, place)
          groups.push(...alone.groups)
          refused.push(...alone.refused)
        }
      else refused.push(...open.group.events.map(({ name }) => ({ name, why: verdict })))
    }
    open.close()
    open = new OpenGroup(opening, pmus, place)
  }
  for (const event of events) {
    let code = open.add(event)
    if (code === EINVAL && open.size > 0) {
      end()
      code = open.add(event)
    }
    if (code !== 0) refused.push({ name: event.name, why: code })
  }
  end()
  return { groups, refused }
}

/** These move while anything at all is computed. */
const moving = new Set(['cycles', 'instructions', 'slots', 'task-clock'])

/** A group that is open at one place, on each PMU of the cores. */
export class OpenGroup {
  readonly #opening: Opening
  readonly #pmus: CorePmus
  readonly #place: PerfPlace
  readonly #events: CountedEvent[] = []
  /** By PMU, the leader first. */
  readonly #fds: number[][]
  #latest: ScaledCounts | undefined

  constructor(opening: Opening, pmus: CorePmus, place: PerfPlace) {
    this.#opening = opening
    this.#pmus = pmus
    this.#place = place
    this.#fds = pmus.map(() => [])
  }

  get size(): number {
    return this.#events.length
  }

  get group(): EventGroup {
    return { events: this.#events, pmus: this.#pmus }
  }

  /** 0, or the errno with which one of the PMUs refuses it: then it is open on none. */
  add(event: CountedEvent): number {
    const { perf } = this.#opening
    for (const [i, pmu] of this.#pmus.entries()) {
      const fds = this.#fds[i]!
      const fd = perf.open(this.#attribute(event, pmu), { ...this.#place, group: fds[0] ?? -1 })
      if (fd < 0) {
        for (const earlier of this.#fds.slice(0, i)) perf.close(earlier.pop()!)
        return -fd
      }
      fds.push(fd)
    }
    this.#events.push(event)
    return 0
  }

  #attribute(event: CountedEvent, pmu: Pmu | undefined): PerfAttribute {
    const { inherit, userOnly } = this.#opening
    return { ...attributeOn(event, pmu), inherit, userOnly, grouped: true }
  }

  /** Whether it gets its turn and moves, after some work of this thread. */
  trial(): 'counts' | 'no turn' | 'still' {
    // At a place of another task or CPU nothing need have happened.
    if (this.#place.pid !== 0) return 'counts'
    work()
    const totals = countTotals(this.size)
    if (!this.read(totals) || totals.running === 0) return 'no turn'
    return this.#events.some(({ name }, i) => moving.has(name) && totals.counts[i] === 0) ? 'still' : 'counts'
  }

  /** Adds what was counted since the last call; false when it cannot be read. */
  read(to: CountTotals): boolean {
    const { perf } = this.#opening
    const latest = (this.#latest ??= new ScaledCounts(this.size))
    if (this.#fds.length === 1) {
      const reading = perf.readGroup(this.#fds[0]![0]!, this.size)
      if (reading) latest.add(reading.values, reading.enabled, reading.running, to)
      return reading !== undefined
    }
    // On a hybrid processor a task is on one kind of core at a time: the counts and times add up, and it was to be
    // counted for as long as on either of them.
    const counts = new Float64Array(this.size)
    let enabled = 0
    let running = 0
    for (const fds of this.#fds) {
      const reading = perf.readGroup(fds[0]!, this.size)
      if (!reading) return false
      for (let i = 0; i < counts.length; i++) counts[i]! += reading.values[i]!
      enabled = Math.max(enabled, reading.enabled)
      running += reading.running
    }
    latest.add(counts, enabled, running, to)
    return true
  }

  close(): void {
    for (const fds of this.#fds) for (const fd of fds.splice(0).reverse()) this.#opening.perf.close(fd)
  }
}

/** Opens a formed group elsewhere; the errno when it does not open whole. */
export function openGroup(opening: Opening, group: EventGroup, place: PerfPlace): OpenGroup | number {
  const open = new OpenGroup(opening, group.pmus, place)
  for (const event of group.events) {
    const code = open.add(event)
    if (code === 0) continue
    open.close()
    return code
  }
  return open
}

/** One for each, or the errno of the first that does not open: then none is open. */
export function openAll<T>(each: readonly T[], open: (one: T) => OpenGroup | number): readonly OpenGroup[] | number {
  const opened: OpenGroup[] = []
  for (const one of each) {
    const group = open(one)
    if (typeof group === 'number') {
      for (const other of opened) other.close()
      return group
    }
    opened.push(group)
  }
  return opened
}

let sink = 0
/** Long enough for a counter to get its turn, about 0.2 ms. */
function work(): void {
  for (let i = 0; i < 100_000; i++) sink = (sink * 1_103_515_245 + 12_345) | 0
}
