// What Linux counts without any right: CPU time of the host, of the target and of tailwatt, steal, the cgroup's quota and
// use, memory, page faults, switches, disks, pressure. Times of /proc come in ticks of 10 ms.
import { cgroupFolders } from '../../host/facts.ts'
import type { Host } from '../../host/host.ts'
import { KeptFile, openOnce } from '../../host/kept-file.ts'
import { hostTimes, noHostTimes, noProc, pageBytes, processTimes } from '../../host/proc.ts'
import { Counter, putTotal } from '../unwrapped-counter.ts'
import { localSensor } from '../local-sensor.ts'
import type { PolledSensor, SensorProvider } from '../sensor.ts'
import { targetCgroup } from './cgroup.ts'
import { hostDisks } from './disks.ts'
import { channel, memory, number, seconds, times, type Part } from './part.ts'
import { hostPressure } from './pressure.ts'
import { targetIo } from './target-io.ts'
import { targetThreads } from './threads.ts'

export interface ProcfsOptions {
  /** One shared cell with the pid of the target, 0 while there is none. */
  readonly watched?: SharedArrayBuffer
  /** tailwatt's own pid. */
  readonly self?: number
}

export const procfs: SensorProvider = localSensor<ProcfsOptions>({
  id: 'procfs',
  summary: 'Linux process and host accounting',
  gives: {
    text: 'CPU time of host, target and tailwatt, steal, quota throttling, memory, page faults, switches, waits, disk bytes, pressure',
    what: 'utilization',
  },
  elsewhere: { reason: noProc },
  open: (host, options) =>
    hostTimes(host.readFile('/proc/stat') ?? '') === undefined
      ? noHostTimes
      : { ok: true, sensor: openProcfs(host, options) },
})

export function openProcfs(host: Host, options: ProcfsOptions): PolledSensor {
  const cell = options.watched && new Int32Array(options.watched)
  const always = [
    hostStat(host),
    targetStat(host),
    ownStat(host, options.self),
    quota(host),
    targetThreads(host),
    targetIo(host),
  ]
  // Totals that are dear to read, several files each: one of these a reading.
  const inTurn = [targetCgroup(host), hostPressure(host), hostDisks(host)]
  const parts = [...always, ...inTurn]
  const channels = parts.flatMap((part) => part.channels)
  const firsts = parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + part.channels.length, 0))
  const counters = channels.map(({ kind }) => (kind === 'counter' ? new Counter({ start: 'shown' }) : undefined))
  let followed = -1
  let turn = 0
  return {
    channels,
    get lacks() {
      return parts.flatMap((part) => part.lacks)
    },
    read: (at, out) => {
      const pid = cell ? Atomics.load(cell, 0) : 0
      const begins = pid !== followed
      if (begins) followed = pid
      for (const [i, part] of begins ? parts.entries() : []) {
        part.follow?.(pid)
        // Another process may have counted further than the last one: what it did before is no rise.
        if (part.follow) for (let c = 0; c < part.channels.length; c++) counters[firsts[i]! + c]?.restart()
      }
      turn = (turn + 1) % inTurn.length
      let any = false
      for (const [i, part] of parts.entries()) {
        if (i >= always.length && i - always.length !== turn && !begins) continue
        part.read().forEach((value, index) => {
          if (value === undefined || !Number.isFinite(value) || value < 0) return
          any = true
          const channelIndex = firsts[i]! + index
          putTotal(counters[channelIndex], value, at, (t, total) => out.put(channelIndex, t, total))
        })
      }
      return any ? 'ok' : 'retry'
    },
    close: () => parts.splice(0).forEach((part) => part.close()),
  }
}

function hostStat(host: Host): Part {
  const stat = new KeptFile(host, '/proc/stat')
  return {
    channels: [
      channel('host', 'cpu-time', seconds, 'busy'),
      channel('host', 'steal', seconds),
      channel('host', 'context-switches', times),
    ],
    lacks: [],
    read: () => {
      const text = stat.text() ?? ''
      const found = hostTimes(text)
      return found ? [found.busy, found.steal, number(text, /^ctxt (\d+)/m)] : []
    },
    close: () => stat.close(),
  }
}

function targetStat(host: Host): Part {
  const page = pageBytes(host)
  let file: KeptFile | undefined
  return {
    channels: [
      channel('target', 'cpu-time', seconds, 'cpu'),
      channel('target', 'memory-used', memory, 'memory'),
      channel('target', 'page-faults-minor', times),
      channel('target', 'page-faults-major', times),
    ],
    lacks: [],
    follow: (pid) => {
      file?.close()
      file = pid > 0 ? openOnce(host, `/proc/${pid}/stat`) : undefined
    },
    read: () => {
      // A process may end between two reads: then there is no reading, and that is all.
      const found = file && processTimes(file.text() ?? '')
      return found ? [found.cpu, found.residentPages * page, found.minorFaults, found.majorFaults] : []
    },
    close: () => file?.close(),
  }
}

function ownStat(host: Host, self: number | undefined): Part {
  const file = self === undefined ? undefined : openOnce(host, `/proc/${self}/stat`)
  return {
    channels: [channel('tailwatt', 'cpu-time', seconds, 'cpu')],
    lacks: [],
    read: () => [file && processTimes(file.text() ?? '')?.cpu],
    close: () => file?.close(),
  }
}

/** Periods of the CPU quota that binds, of either version of cgroups. */
function quota(host: Host): Part {
  const path = cgroupFolders(host)
    .map((folder) => `${folder}/cpu.stat`)
    .find((name) => /nr_periods [1-9]/.test(host.readFile(name) ?? ''))
  const file = path === undefined ? undefined : openOnce(host, path)
  return {
    channels: [
      channel('cgroup', 'quota-periods', times, 'periods'),
      channel('cgroup', 'quota-throttled', times, 'throttled'),
      ...(file ? [channel('cgroup', 'quota-throttled-time', seconds, 'throttled-time')] : []),
    ],
    lacks: [],
    read: () => {
      const text = file?.text() ?? ''
      const periods = number(text, /^nr_periods (\d+)/m)
      const throttled = number(text, /^nr_throttled (\d+)/m)
      if (periods === undefined || throttled === undefined) return []
      // Version 2 tells it in µs, version 1 in ns.
      const time = number(text, /^throttled_usec (\d+)/m, 1e6) ?? number(text, /^throttled_time (\d+)/m, 1e9)
      return [periods, throttled, time]
    },
    close: () => file?.close(),
  }
}
