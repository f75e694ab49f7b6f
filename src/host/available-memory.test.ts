import { expect, test } from 'vitest'
import { availableMemory } from './available-memory.ts'
import { virtualHost } from './virtual-host.ts'

const meminfo = 'MemTotal: 16000000 kB\nMemFree: 1000 kB\nMemAvailable:    8000000 kB\n'
const of = (files: Record<string, string>): number | undefined => availableMemory(virtualHost({ files }))

test('what the kernel calls available, where no group limits it', () => {
  expect(of({ '/proc/meminfo': meminfo })).toBe(8_000_000 * 1024)
  const files = { '/proc/self/cgroup': '0::/user\n', '/sys/fs/cgroup/user/memory.max': 'max\n' }
  expect(of({ ...files, '/proc/meminfo': meminfo, '/sys/fs/cgroup/user/memory.current': '5000\n' })).toBe(
    8_000_000 * 1024,
  )
})

test('the tightest group counts, with what it has used already', () => {
  const files = {
    '/proc/meminfo': meminfo,
    '/proc/self/cgroup': '0::/a/b\n',
    '/sys/fs/cgroup/a/memory.max': '500000000\n',
    '/sys/fs/cgroup/a/memory.current': '100000000\n',
    '/sys/fs/cgroup/a/b/memory.max': '450000000\n',
    '/sys/fs/cgroup/a/b/memory.current': '20000000\n',
  }
  expect(of(files)).toBe(400_000_000)
  expect(of({ ...files, '/sys/fs/cgroup/a/memory.current': '600000000\n' })).toBe(0)
  const v1 = '/sys/fs/cgroup/memory/memory'
  expect(
    of({ '/proc/meminfo': meminfo, [`${v1}.limit_in_bytes`]: '3000000\n', [`${v1}.usage_in_bytes`]: '1000000\n' }),
  ).toBe(2_000_000)
})

test('a system that says nothing is not guessed at', () => {
  expect(of({})).toBeUndefined()
  expect(
    of({ '/proc/meminfo': 'garbage', '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': '' }),
  ).toBeUndefined()
})
