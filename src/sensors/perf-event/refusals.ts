// What is not counted, in rows: one for each reason, so that a virtual machine without counters is one row and not twelve.
import type { Host } from '../../host/host.ts'
import { isVirtual, perfRefusal, type PerfReach, type Refusal } from '../../host/perf-event.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import { faults, hostSet, switches, taskSets } from './events.ts'
import type { RefusedEvent } from './groups.ts'

export function refusalRows(
  host: Host,
  of: 'target' | 'host',
  refused: readonly RefusedEvent[],
  reach: PerfReach,
): readonly Unmeasured[] {
  const byReason = new Map<string, { readonly row: Refusal; readonly names: string[] }>()
  for (const { name, why } of refused) {
    const row = whyNot(host, why, reach)
    const known = byReason.get(row.reason)
    if (known) known.names.push(name)
    else byReason.set(row.reason, { row, names: [name] })
  }
  const hardware: readonly string[] = (of === 'target' ? taskSets.flat() : hostSet).map(({ name }) => name)
  const software = [...switches, ...faults].map(({ name }) => name)
  return [...byReason.values()].map(({ row, names }) => {
    const all = hardware.every((name) => names.includes(name))
    if (all && software.every((name) => names.includes(name))) return { what: `perf-event/${of}`, ...row }
    const others = names.filter((name) => !all || !hardware.includes(name))
    const what = [...(all ? ['hardware events'] : []), ...others].join(', ')
    return { what: `perf-event/${of}: ${what}`, ...row }
  })
}

function whyNot(host: Host, why: RefusedEvent['why'], reach: PerfReach): Refusal {
  if (why === 'still')
    return {
      reason: `its counter stands still${isVirtual(host) ? ', as the hypervisor shows it' : ''}`,
      remedy: 'measure on the physical host, or give the machine a PMU (QEMU: -cpu host,pmu=on)',
    }
  if (why === 'no turn')
    return {
      reason: 'others hold the processor’s counters for good, and it never got its turn',
      remedy: 'end other profilers; sudo sysctl kernel.nmi_watchdog=0 frees one counter',
    }
  return perfRefusal(host, why, reach)
}

export const userModeOnly = (why: Refusal | undefined): Unmeasured => ({
  what: 'perf-event/target: kernel time, context-switches, migrations',
  reason: `only user mode may be counted${why ? `: ${why.reason}` : ''}`,
  remedy: why?.remedy ?? 'sudo sysctl kernel.perf_event_paranoid=1',
})

export const noTopDown: Unmeasured = {
  what: 'perf-event/target: top-down',
  reason: 'this processor does not count the slots of one thread',
  remedy: 'measure on Intel Ice Lake or later (performance cores)',
}

export function noMemoryControllers(host: Host): Unmeasured {
  const what = 'perf-event/host: memory-read, memory-write'
  return isVirtual(host)
    ? {
        what,
        reason: 'the virtual machine shows no memory controllers',
        remedy: 'measure on the physical host',
      }
    : {
        what,
        reason: 'the kernel shows no memory controllers (uncore_imc, amd_umc, amd_df)',
        remedy: 'load the module (sudo modprobe intel_uncore, or amd_uncore), or use a newer kernel',
      }
}
