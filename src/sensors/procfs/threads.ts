// What the scheduler did to the target's threads: the time they were ready and had no CPU, voluntary and involuntary
// switches, migrations. The kernel tells it by thread only, so a process with many is read a few at a time, and one with
// very many in part.
import type { Host } from '../../host/host.ts'
import { type KeptFile, openOnce } from '../../host/kept-file.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import { busiestOf, threadsOf } from '../busiest-threads.ts'
import { rise } from '../unwrapped-counter.ts'
import { channel, seconds, times, type Part } from './part.ts'

/** Threads whose files are kept open. */
const mostThreads = 64
/** What one reading may spend on them, ns; the next goes on where it stopped. */
const perReading = 60e3
/** How often new threads are looked for, ns. */
const scanPeriod = 1e9

interface Thread {
  readonly schedstat: KeptFile | undefined
  readonly switches: KeptFile | undefined
  /** By channel: as read last. */
  readonly last: (number | undefined)[]
}

export function targetThreads(host: Host): Part {
  const { lacks, waits, source, migrations } = available(host)
  const channels = [
    ...(waits ? [channel('target', 'run-queue-wait', seconds)] : []),
    ...(source === undefined
      ? []
      : (['voluntary-switches', 'involuntary-switches'] as const).map((role) => channel('target', role, times))),
    ...(migrations ? [channel('target', 'migrations', times)] : []),
  ]
  const totals = channels.map(() => 0)
  const threads = new Map<number, Thread>()
  let order: number[] = []
  let turn = 0
  let pid = 0
  let scanned = Number.NEGATIVE_INFINITY
  const closeAll = (): void => {
    for (const thread of threads.values()) close(thread)
    threads.clear()
    order = []
  }
  /** False when the thread is gone. */
  const visit = (tid: number): boolean => {
    const thread = threads.get(tid)
    if (!thread) return false
    const values = valuesOf(thread, waits, migrations)
    if (values.every((value) => value === undefined)) {
      close(thread)
      threads.delete(tid)
      return false
    }
    for (const [i, value] of values.entries()) {
      const before = thread.last[i]
      if (value === undefined) continue
      if (before !== undefined) totals[i]! += rise(before, value) ?? 0
      thread.last[i] = value
    }
    return true
  }
  const scan = (fresh: boolean): number => {
    scanned = host.now()
    const all = threadsOf(host, pid)
    const unknown = all.filter((tid) => !threads.has(tid))
    for (const tid of busiestOf(host, pid, unknown, mostThreads - threads.size)) {
      const path = `/proc/${pid}/task/${tid}`
      threads.set(tid, {
        schedstat: waits ? openOnce(host, `${path}/schedstat`) : undefined,
        switches: source === undefined ? undefined : openOnce(host, `${path}/${source}`),
        // All that a thread which began meanwhile did is the run's.
        last: channels.map(() => (fresh ? undefined : 0)),
      })
      visit(tid)
    }
    order = [...threads.keys()]
    return all.length
  }
  return {
    channels,
    lacks,
    follow: (to) => {
      closeAll()
      pid = to
      if (pid <= 0 || channels.length === 0) return
      const all = scan(true)
      if (all <= threads.size) return
      lacks.push({
        what: `procfs/target: ${channels.map(({ id }) => id.split('/')[2]!).join(', ')}`,
        reason: `read of ${threads.size} of ${all} threads, those that had used most CPU time`,
        remedy: 'let the process have fewer threads',
      })
    },
    read: () => {
      if (pid <= 0 || order.length === 0) return []
      const begun = host.now()
      if (begun - scanned >= scanPeriod) scan(false)
      for (let visited = 0; visited < order.length && host.now() - begun <= perReading; visited++)
        visit(order[turn++ % order.length]!)
      return totals
    },
    close: closeAll,
  }
}

function close({ schedstat, switches }: Thread): void {
  schedstat?.close()
  switches?.close()
}

/** In the order of the channels; undefined what cannot be read. */
function valuesOf(thread: Thread, waits: boolean, migrations: boolean): readonly (number | undefined)[] {
  const values: (number | undefined)[] = []
  if (waits) values.push(waitOf(thread.schedstat?.text() ?? ''))
  if (!thread.switches) return values
  const text = thread.switches.text() ?? ''
  values.push(numberAfter(text, 'nr_voluntary_switches') ?? numberAfter(text, 'voluntary_ctxt_switches'))
  values.push(numberAfter(text, 'nr_involuntary_switches') ?? numberAfter(text, 'nonvoluntary_ctxt_switches'))
  if (migrations) values.push(numberAfter(text, 'se.nr_migrations'))
  return values
}

/** Seconds of `run wait slices`, both times in ns. */
function waitOf(text: string): number | undefined {
  const [, wait] = /^\d+ (\d+) \d+$/.exec(text.trim()) ?? []
  return wait === undefined ? undefined : Number(wait) / 1e9
}

/** The number of a line `key : 12`. */
function numberAfter(text: string, key: string): number | undefined {
  const at = text.startsWith(key) ? 0 : text.indexOf(`\n${key}`) + 1
  if (at === 0 && !text.startsWith(key)) return undefined
  const [, value] = /^[ \t]*:[ \t]*(\d+)/.exec(text.slice(at + key.length, at + key.length + 64)) ?? []
  return value === undefined ? undefined : Number(value)
}

/** What this kernel tells of a thread, found out on this process. */
function available(host: Host): {
  readonly lacks: Unmeasured[]
  readonly waits: boolean
  readonly source: 'sched' | 'status' | undefined
  readonly migrations: boolean
} {
  const lacks: Unmeasured[] = []
  const schedstat = host.readFile('/proc/self/schedstat') ?? ''
  // A kernel that does not keep it shows zeros: this process has run.
  const waits = waitOf(schedstat) !== undefined && !schedstat.startsWith('0 ')
  if (!waits)
    lacks.push({
      what: 'procfs/target: run-queue-wait',
      reason: schedstat === '' ? '/proc/<pid>/schedstat cannot be read' : '/proc/<pid>/schedstat shows zeros',
      remedy: 'use a kernel with CONFIG_SCHEDSTATS, or boot with delayacct',
    })
  const sched = host.readFile('/proc/self/sched') ?? ''
  const migrations = numberAfter(sched, 'se.nr_migrations') !== undefined
  if (numberAfter(sched, 'nr_voluntary_switches') !== undefined) {
    if (!migrations) lacks.push(noMigrations)
    return { lacks, waits, source: 'sched', migrations }
  }
  lacks.push(noMigrations)
  if (numberAfter(host.readFile('/proc/self/status') ?? '', 'voluntary_ctxt_switches') !== undefined)
    return { lacks, waits, source: 'status', migrations: false }
  lacks.push({
    what: 'procfs/target: voluntary-switches, involuntary-switches',
    reason: '/proc/<pid>/status does not tell them',
    remedy: 'mount the whole of /proc',
  })
  return { lacks, waits, source: undefined, migrations: false }
}

const noMigrations: Unmeasured = {
  what: 'procfs/target: migrations',
  reason: '/proc/<pid>/sched does not tell them',
  remedy: 'use a kernel with CONFIG_SCHED_DEBUG; perf-event counts them where it is allowed',
}
