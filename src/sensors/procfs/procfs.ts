// What Linux counts without any right: CPU time of the host, of the target and of tailwatt, steal, the cgroup's quota,
// memory. Times come in ticks of 10 ms, as /proc has them.
import type { Channel } from '../../run/channel.ts'
import type { SampleSink } from '../../run/ports.ts'
import type { Host, OpenFile } from '../../host/host.ts'
import { cgroupFolders } from '../../host/facts.ts'
import { openOrUndefined, textOf } from '../../host/open-file.ts'
import { hostTimes, noProc, processTimes } from '../../host/proc.ts'
import type { PolledSensor, SensorProvider } from '../sensor.ts'

const gives = 'CPU time of host, target and tailwatt, steal, quota throttling, memory'
export interface ProcfsOptions {
  /** One shared cell with the pid of the target, 0 while there is none. */
  readonly watched?: SharedArrayBuffer
  /** tailwatt's own pid. */
  readonly self?: number
}

export const procfs: SensorProvider = {
  id: 'procfs',
  summary: 'Linux process and host accounting',
  probe: async (host) =>
    hostTimes(host.readFile('/proc/stat') ?? '') !== undefined
      ? { ok: true, gives }
      : { ok: false, gives, ...noProc(host) },
  open: async (host, options) => openProcfs(host, options as ProcfsOptions),
}

const channel = (id: string, scope: Channel['scope'], rest: Pick<Channel, 'quantity' | 'unit' | 'kind'>): Channel => ({
  id: `procfs/${id}`,
  sensor: 'procfs',
  scope,
  ...rest,
})
const seconds = { quantity: 'time', unit: 's', kind: 'counter' } as const

export const procfsChannels: readonly Channel[] = [
  channel('host/busy', 'host', seconds),
  channel('host/steal', 'host', seconds),
  channel('target/cpu', 'process', seconds),
  channel('self/cpu', 'process', seconds),
  channel('target/memory', 'process', { quantity: 'memory', unit: 'B', kind: 'gauge' }),
  channel('cgroup/periods', 'cgroup', { quantity: 'count', unit: '1', kind: 'counter' }),
  channel('cgroup/throttled', 'cgroup', { quantity: 'count', unit: '1', kind: 'counter' }),
]

function openProcfs(host: Host, options: ProcfsOptions): PolledSensor {
  const stat = host.open('/proc/stat')
  const cell = options.watched && new Int32Array(options.watched)
  const own = options.self === undefined ? undefined : openOrUndefined(host, `/proc/${options.self}/stat`)
  const quota = cgroupFolders(host)
    .map((folder) => `${folder}/cpu.stat`)
    .find((path) => /nr_periods [1-9]/.test(host.readFile(path) ?? ''))
  const throttle = quota === undefined ? undefined : openOrUndefined(host, quota)
  let target: { readonly pid: number; readonly file: OpenFile } | undefined
  const follow = (): OpenFile | undefined => {
    const pid = cell ? Atomics.load(cell, 0) : 0
    if (target?.pid !== pid) {
      target?.file.close()
      const file = pid > 0 ? openOrUndefined(host, `/proc/${pid}/stat`) : undefined
      target = file && { pid, file }
    }
    return target?.file
  }
  return {
    channels: procfsChannels,
    read: (at, out) => {
      const host = hostTimes(textOf(stat) ?? '')
      if (host) {
        out.put(0, at, host.busy)
        out.put(1, at, host.steal)
      }
      putProcess(follow(), 2, 4, at, out)
      putProcess(own, 3, undefined, at, out)
      if (throttle) {
        const text = textOf(throttle) ?? ''
        const periods = /^nr_periods (\d+)/m.exec(text)
        const throttled = /^nr_throttled (\d+)/m.exec(text)
        if (periods && throttled) {
          out.put(5, at, Number(periods[1]))
          out.put(6, at, Number(throttled[1]))
        }
      }
      return host ? 'ok' : 'retry'
    },
    close: () => [stat, own, throttle, target?.file].forEach((file) => file?.close()),
  }
}

function putProcess(
  file: OpenFile | undefined,
  cpu: number,
  memory: number | undefined,
  at: number,
  out: SampleSink,
): void {
  const text = file && textOf(file)
  if (!text) return
  // A process may end between two reads: then there is no reading, and that is all.
  const times = processTimes(text)
  if (!times) return
  out.put(cpu, at, times.cpu)
  if (memory !== undefined) out.put(memory, at, times.resident)
}
