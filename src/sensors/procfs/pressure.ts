// Pressure stall information: time in which some, or all, of the work that was to be done waited for a resource
// (Documentation/accounting/psi.rst). Only the totals: the kernel's averages have windows of their own.
import type { Host } from '../../host/host.ts'
import { KeptFile } from '../../host/kept-file.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { Channel } from '../../run/channel.ts'
import { channel, number, seconds, type Part } from './part.ts'

export const resources = ['cpu', 'memory', 'io'] as const
type Resource = (typeof resources)[number]

/** Of the whole host a CPU is never without any work that runs: `full` is always 0 there, and means nothing. */
const kindsOf = (resource: Resource, host: boolean): readonly ('some' | 'full')[] =>
  host && resource === 'cpu' ? ['some'] : ['some', 'full']

export const pressureChannels = (resource: Resource, of: 'host' | 'cgroup'): readonly Channel[] =>
  kindsOf(resource, of === 'host').map((kind) => ({
    ...channel(of, `psi-${resource}-${kind}`, seconds),
    id: `procfs/psi/${of === 'cgroup' ? 'cgroup-' : ''}${resource}-${kind}`,
  }))

/** Seconds of stall by channel. */
export const stalls = (text: string, resource: Resource, of: 'host' | 'cgroup'): readonly (number | undefined)[] =>
  kindsOf(resource, of === 'host').map((kind) => number(text, new RegExp(`^${kind} .*\\btotal=(\\d+)`, 'm'), 1e6))

export function hostPressure(host: Host): Part {
  const found: { readonly resource: Resource; readonly file: KeptFile }[] = []
  const silent: { readonly resource: Resource; readonly code: string }[] = []
  for (const resource of resources) {
    const file = new KeptFile(host, `/proc/pressure/${resource}`)
    if (stalls(file.text() ?? '', resource, 'host')[0] === undefined) {
      file.close()
      silent.push({ resource, code: file.error || 'no total in it' })
    } else found.push({ resource, file })
  }
  return {
    channels: found.flatMap(({ resource }) => pressureChannels(resource, 'host')),
    lacks: silent.length === 0 ? [] : [missingRow(silent)],
    read: () => found.flatMap(({ resource, file }) => stalls(file.text() ?? '', resource, 'host')),
    close: () => found.forEach(({ file }) => file.close()),
  }
}

function missingRow(missing: readonly { readonly resource: Resource; readonly code: string }[]): Unmeasured {
  const { code } = missing[0]!
  return {
    what: `procfs/psi: ${missing.map(({ resource }) => resource).join(', ')}`,
    reason:
      code === 'EOPNOTSUPP'
        ? 'pressure stall information is switched off (EOPNOTSUPP)'
        : `/proc/pressure/${missing[0]!.resource} cannot be read (${code})`,
    remedy: code === 'ENOENT' ? 'use a kernel with CONFIG_PSI (4.20 or later)' : 'boot with psi=1',
  }
}
