// What the target's cgroup (version 2) used and waited for: CPU, memory and how often it met its limits, disks, pressure
// (Documentation/admin-guide/cgroup-v2.rst). The root cgroup is the host, which has files of its own.
import { unifiedCgroup } from '../../host/cgroup.ts'
import type { Host } from '../../host/host.ts'
import { type KeptFile, openOnce } from '../../host/kept-file.ts'
import type { Channel } from '../../run/channel.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import { bytes, channel, memory, seconds, times, type Part } from './part.ts'
import { pressureChannels, putPressure, resources } from './pressure.ts'

type Put = (index: number, value: number) => void

interface CgroupFile {
  readonly name: string
  readonly channels: readonly Channel[]
  read(text: string, put: Put): void
}

const number = (text: string, pattern: RegExp): number | undefined => {
  const [, found] = pattern.exec(text) ?? []
  return found === undefined ? undefined : Number(found)
}
const putIf = (put: Put, index: number, value: number | undefined): void => {
  if (value !== undefined) put(index, value)
}
/** Of all devices. */
const sum = (text: string, key: string): number | undefined => {
  const found = [...text.matchAll(new RegExp(`\\b${key}=(\\d+)`, 'g'))]
  return found.length === 0 ? undefined : found.reduce((total, [, value]) => total + Number(value), 0)
}

const files: readonly CgroupFile[] = [
  {
    name: 'cpu.stat',
    channels: [channel('cgroup', 'cpu', seconds, 'cpu-time')],
    read: (text, put) => {
      const microseconds = number(text, /^usage_usec (\d+)/m)
      if (microseconds !== undefined) put(0, microseconds / 1e6)
    },
  },
  {
    name: 'memory.current',
    channels: [channel('cgroup', 'memory', memory, 'memory-used')],
    read: (text, put) => putIf(put, 0, number(text, /^(\d+)$/)),
  },
  {
    // How often it was slowed down at `high`, met `max`, found nothing to give back, and had a process killed.
    name: 'memory.events',
    channels: (['memory-high', 'memory-max', 'memory-oom', 'memory-oom-kill'] as const).map((name) =>
      channel('cgroup', name, times, name),
    ),
    read: (text, put) => {
      for (const [i, name] of ['high', 'max', 'oom', 'oom_kill'].entries())
        putIf(put, i, number(text, new RegExp(`^${name} (\\d+)`, 'm')))
    },
  },
  {
    name: 'io.stat',
    channels: [
      channel('cgroup', 'disk-read', bytes, 'disk-read'),
      channel('cgroup', 'disk-written', bytes, 'disk-written'),
    ],
    read: (text, put) => {
      putIf(put, 0, sum(text, 'rbytes'))
      putIf(put, 1, sum(text, 'wbytes'))
    },
  },
  ...resources.map((resource) => ({
    name: `${resource}.pressure`,
    channels: pressureChannels(resource, 'cgroup'),
    read: (text: string, put: Put) => putPressure(text, resource, 'cgroup', put),
  })),
]

/** The channels are those of this process's own cgroup, where the target as a rule is too. */
export function targetCgroup(host: Host): Part {
  const own = unifiedCgroup(host, 'self')
  const lacks: Unmeasured[] = []
  const none = (reason: string, remedy: string): Part => ({
    channels: [],
    lacks: [{ what: 'procfs/cgroup', reason, remedy }],
    read: () => undefined,
    close: () => undefined,
  })
  if (!own) return none('there is no cgroup of version 2', 'boot with systemd.unified_cgroup_hierarchy=1')
  if (own.root)
    return none(
      'tailwatt is in the root cgroup, which is the whole host',
      'run it in one of its own: systemd-run --scope tailwatt …, or in a container',
    )
  const there = files.filter(({ name }) => host.readFile(`${own.folder}/${name}`) !== undefined)
  const absent = files.filter((file) => !there.includes(file)).map(({ name }) => name)
  if (absent.length > 0)
    lacks.push({
      what: `procfs/cgroup: ${absent.join(', ')}`,
      reason: `${own.folder} does not have ${absent.length === 1 ? 'it' : 'them'}`,
      remedy: 'enable the controllers of its parent (cgroup.subtree_control), and psi=1 for pressure',
    })
  const firsts = there.map((_, i) => there.slice(0, i).reduce((total, { channels }) => total + channels.length, 0))
  let open: readonly (KeptFile | undefined)[] = []
  const close = (): void => {
    for (const file of open) file?.close()
    open = []
  }
  return {
    channels: there.flatMap(({ channels }) => channels),
    lacks,
    follow: (pid) => {
      close()
      const cgroup = pid > 0 ? unifiedCgroup(host, pid) : undefined
      if (!cgroup) return
      open = there.map(({ name }) => openOnce(host, `${cgroup.folder}/${name}`))
      const missing = there.filter((_, i) => open[i] === undefined).map(({ name }) => name)
      if (missing.length === 0) return
      const reason = `${cgroup.folder} does not have ${missing.length === 1 ? 'it' : 'them'}`
      const remedy = 'enable the controllers of its parent (cgroup.subtree_control)'
      lacks.push({ what: `procfs/cgroup: ${missing.join(', ')}`, reason, remedy })
    },
    read: (put) => {
      for (const [i, { read }] of there.entries()) {
        const text = open[i]?.text()
        if (text !== undefined) read(text, (index, value) => put(firsts[i]! + index, value))
      }
    },
    close,
  }
}
