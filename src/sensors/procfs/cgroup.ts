// What the target's cgroup (version 2) used and waited for: CPU, memory and how often it met its limits, disks, pressure
// (Documentation/admin-guide/cgroup-v2.rst). The root cgroup is the host, which has files of its own.
import { unifiedCgroup } from '../../host/cgroup.ts'
import type { Host } from '../../host/host.ts'
import { type KeptFile, openOnce } from '../../host/kept-file.ts'
import type { Channel } from '../../run/channel.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import { channel, diskChannels, memory, missing, number, seconds, times, type Part } from './part.ts'
import { pressureChannels, resources, stalls } from './pressure.ts'

interface CgroupFile {
  readonly name: string
  readonly channels: readonly Channel[]
  read(text: string): readonly (number | undefined)[]
}

/** Of all devices. */
const sum = (text: string, key: string): number | undefined => {
  const found = [...text.matchAll(new RegExp(`\\b${key}=(\\d+)`, 'g'))]
  return found.length === 0 ? undefined : found.reduce((total, [, value]) => total + Number(value), 0)
}

const files: readonly CgroupFile[] = [
  {
    name: 'cpu.stat',
    channels: [channel('cgroup', 'cpu-time', seconds, 'cpu')],
    read: (text) => [number(text, /^usage_usec (\d+)/m, 1e6)],
  },
  {
    name: 'memory.current',
    channels: [channel('cgroup', 'memory-used', memory, 'memory')],
    read: (text) => [number(text, /^(\d+)$/)],
  },
  {
    // How often it was slowed down at `high`, met `max`, found nothing to give back, and had a process killed.
    name: 'memory.events',
    channels: (['memory-high', 'memory-max', 'memory-oom', 'memory-oom-kill'] as const).map((role) =>
      channel('cgroup', role, times),
    ),
    read: (text) => ['high', 'max', 'oom', 'oom_kill'].map((name) => number(text, new RegExp(`^${name} (\\d+)`, 'm'))),
  },
  {
    name: 'io.stat',
    channels: diskChannels('cgroup'),
    read: (text) => [sum(text, 'rbytes'), sum(text, 'wbytes')],
  },
  ...resources.map((resource) => ({
    name: `${resource}.pressure`,
    channels: pressureChannels(resource, 'cgroup'),
    read: (text: string) => stalls(text, resource, 'cgroup'),
  })),
]

const enable = 'enable the controllers of its parent (cgroup.subtree_control)'

const without = (folder: string, lacking: readonly CgroupFile[], remedy: string): Unmeasured => ({
  what: `procfs/cgroup: ${lacking.map(({ name }) => name).join(', ')}`,
  reason: `${folder} does not have ${lacking.length === 1 ? 'it' : 'them'}`,
  remedy,
})

/** The channels are those of this process's own cgroup, where the target as a rule is too. */
export function targetCgroup(host: Host): Part {
  const own = unifiedCgroup(host, 'self')
  const lacks: Unmeasured[] = []
  const none = (reason: string, remedy: string): Part => missing({ what: 'procfs/cgroup', reason, remedy })
  if (!own) return none('there is no cgroup of version 2', 'boot with systemd.unified_cgroup_hierarchy=1')
  if (own.root)
    return none(
      'tailwatt is in the root cgroup, which is the whole host',
      'run it in one of its own: systemd-run --scope tailwatt …, or in a container',
    )
  const there = files.filter(({ name }) => host.readFile(`${own.folder}/${name}`) !== undefined)
  const absent = files.filter((file) => !there.includes(file))
  if (absent.length > 0) lacks.push(without(own.folder, absent, `${enable}, and psi=1 for pressure`))
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
      const gone = there.filter((_, i) => open[i] === undefined)
      if (gone.length > 0) lacks.push(without(cgroup.folder, gone, enable))
    },
    read: () => there.flatMap(({ read }, i) => read(open[i]?.text() ?? '')),
    close,
  }
}
