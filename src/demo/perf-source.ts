// What the processor counts of the profiled process: in proportion to its CPU time, at rates that are invented. Most of that time
// the engine's thread waits busily for the GPU, so instructions are many and caches see little.
import { perfEventChannels, perfGroups } from './channels.ts'
import type { Source } from './source.ts'
import type { Truth } from './truth.ts'

/** Of a second of CPU time. */
const clock = 3.4e9
const instructions = 2.1 * clock
const references = 0.011 * instructions
const loads = 0.29 * instructions
const rates: Readonly<Record<string, number>> = {
  cycles: clock,
  instructions,
  branches: 0.21 * instructions,
  'branch-misses': 0.006 * 0.21 * instructions,
  'cache-references': references,
  'cache-misses': 0.23 * references,
  'l1d-loads': loads,
  'l1d-load-misses': 0.019 * loads,
}

export function perfSource(truth: Truth): Source {
  const { loadFrom } = truth.schedule
  return {
    channels: perfEventChannels,
    power: false,
    read: (at, put) => {
      if (at < loadFrom || at > truth.loadTo) return
      const cpu = truth.between('targetCpu', loadFrom, at)
      let index = 0
      for (const names of perfGroups) {
        for (const name of names) put(index++, at, Math.round(cpu * rates[name]!))
        // Both groups have counters of their own: they ran as long as they were enabled.
        put(index++, at, cpu)
        put(index++, at, cpu)
      }
    },
  }
}
