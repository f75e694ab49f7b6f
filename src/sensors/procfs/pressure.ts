// Pressure stall information: time in which some, or all, of the work that was to be done waited for a resource
// (Documentation/accounting/psi.rst). Only the totals: the kernel's averages have windows of their own.
import type { Host } from '../../host/host.ts'
import { KeptFile } from '../../host/kept-file.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { Channel } from '../../run/channel.ts'
import { channel, seconds, type Part } from './part.ts'

export const resources = ['cpu', 'memory', 'io'] as const
type Resource = (typeof resources)[number]

/** Of the whole host a CPU is never without any work that runs: `full` is always 0 there, and means nothing. */
const kindsOf = (resource: Resource, host: boolean): readonly ('some' | 'full')[] =>
  host && resource === 'cpu' ? ['some'] : ['some', 'full']

/** Seconds of stall, by kind; undefined where there is no such line. */
export function stall(text: string, kind: string): number | undefined {
  const [, total] = new RegExp(`^${kind} .*\\btotal=(\\d+)`, 'm').exec(text) ?? []
  const value = Number(total ?? Number.NaN) / 1e6
  return Number.isFinite(value) ? value : undefined
}

export const pressureChannels = (resource: Resource, of: 'host' | 'cgroup'): readonly Channel[] =>
  kindsOf(resource, of === 'host').map((kind) => ({
    ...channel(of, 'psi', seconds, `psi-${resource}-${kind}`),
    id: `procfs/psi/${of === 'cgroup' ? 'cgroup-' : ''}${resource}-${kind}`,
  }))

export function putPressure(
  text: string,
  resource: Resource,
  of: 'host' | 'cgroup',
  put: (index: number, value: number) => void,
): void {
  for (const [i, kind] of kindsOf(resource, of === 'host').entries()) {
    const value = stall(text, kind)
    if (value !== undefined) put(i, value)
  }
}

export function hostPressure(host: Host): Part {
  const found: { readonly resource: Resource; readonly file: KeptFile; readonly first: number }[] = []
  const channels: Channel[] = []
  const missing: { readonly resource: Resource; readonly code: string }[] = []
  for (const resource of resources) {
    const file = new KeptFile(host, `/proc/pressure/${resource}`)
    if (stall(file.text() ?? '', 'some') === undefined) {
      file.close()
      missing.push({ resource, code: file.error || 'no total in it' })
      continue
    }
    found.push({ resource, file, first: channels.length })
    channels.push(...pressureChannels(resource, 'host'))
  }
  return {
    channels,
    lacks: missing.length === 0 ? [] : [missingRow(missing)],
    read: (put) => {
      for (const { resource, file, first } of found)
        putPressure(file.text() ?? '', resource, 'host', (i, value) => put(first + i, value))
    },
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
