import { expect, test } from 'vitest'
import { cpuLayout } from './cpu-layout.ts'
import { virtualHost } from './virtual-host.ts'

const cache = (cpu: number, index: number, level: number, type: string, size: string, shared: string) => {
  const at = `/sys/devices/system/cpu/cpu${cpu}/cache/index${index}`
  return {
    [`${at}/level`]: `${level}\n`,
    [`${at}/type`]: type,
    [`${at}/size`]: size,
    [`${at}/shared_cpu_list`]: shared,
  }
}
const processor = (cpu: number, core: number): string => `processor\t: ${cpu}\nphysical id\t: 0\ncore id\t\t: ${core}\n`

test('two threads of a core are one core, and a shared cache counts once', () => {
  const files = {
    '/proc/self/status': 'Name:\tnode\nCpus_allowed_list:\t0-1,4-5\n',
    '/proc/cpuinfo': [0, 1, 2, 3, 4, 5].map((cpu) => processor(cpu, cpu % 4)).join('\n'),
    ...[0, 1, 4, 5].reduce(
      (all, cpu) => ({
        ...all,
        ...cache(cpu, 0, 1, 'Data', '32K', String(cpu)),
        ...cache(cpu, 1, 1, 'Instruction', '64K', String(cpu)),
        ...cache(cpu, 3, 3, 'Unified', '16384K', cpu < 2 ? '0-3' : '4-7'),
      }),
      {},
    ),
  }
  expect(cpuLayout(virtualHost({ files }))).toEqual({
    cpus: [0, 1, 4, 5],
    cores: 2,
    lastLevel: { each: 2 ** 24, total: 2 ** 25 },
  })
})

test('what the system does not say is not known', () => {
  expect(cpuLayout(virtualHost())).toEqual({ cpus: [], cores: null, lastLevel: null })
  const files = {
    '/proc/self/status': 'Cpus_allowed_list:\t0\n',
    '/proc/cpuinfo': 'nothing',
    ...cache(0, 3, 3, 'Unified', 'N/A', '0'),
  }
  expect(cpuLayout(virtualHost({ files }))).toEqual({ cpus: [0], cores: null, lastLevel: null })
})
