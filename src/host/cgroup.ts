// Where a process lies in the unified cgroup hierarchy (version 2), also where version 1 stands beside it.
import type { Host } from './host.ts'

export interface UnifiedCgroup {
  readonly folder: string
  /** It is the whole host: it has no limits, and some of its files are missing. */
  readonly root: boolean
}

/** @param pid or `self`; undefined where there is no version 2, or the process is outside this namespace. */
export function unifiedCgroup(host: Host, pid: number | 'self'): UnifiedCgroup | undefined {
  const mount = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((path) => host.exists(`${path}/cgroup.controllers`))
  const [, path] = /^0::(\/.*)$/m.exec(host.readFile(`/proc/${pid}/cgroup`) ?? '') ?? []
  if (mount === undefined || path === undefined || path.startsWith('/..')) return undefined
  const folder = path === '/' ? mount : `${mount}${path}`
  return { folder, root: !host.exists(`${folder}/cgroup.events`) }
}
