import { describe, expect, test } from 'vitest'
import { loadPerf, packAttribute, perfRefusal, type PerfReach } from './perf-event.ts'
import { virtualHost } from './virtual-host.ts'
import { virtualPerf } from './virtual-perf.ts'

const hypervisor = { '/proc/cpuinfo': 'flags\t\t: fpu hypervisor lm\n' }
const physical = { '/proc/cpuinfo': 'flags\t\t: fpu lm\n' }
const paranoid = (value: number): Record<string, string> => ({
  ...physical,
  '/proc/sys/kernel/perf_event_paranoid': `${value}\n`,
  '/proc/self/status': 'Seccomp:\t0\n',
})

test('an attribute has the bytes of struct perf_event_attr', () => {
  const bytes = packAttribute({
    type: 0x01020304,
    config: 0x1112131415161718n,
    config1: 0x21n,
    config2: 0x31n,
    inherit: true,
    userOnly: true,
  })
  const expected = Buffer.alloc(128)
  Buffer.from('0403020180000000', 'hex').copy(expected, 0) // type, size 128
  Buffer.from('1817161514131211', 'hex').copy(expected, 8) // config
  expected[32] = 3 // read_format: both times
  expected[40] = 0x02 | 0x20 | 0x40 // inherit, exclude_kernel, exclude_hv
  expected[56] = 0x21
  expected[64] = 0x31
  expect(bytes.toString('hex')).toBe(expected.toString('hex'))
})

describe('a descriptor', () => {
  test('is asked for by the right number, closed on exec, and read with both times', () => {
    const fake = virtualPerf(() => () => ({ value: 7n, enabled: 40, running: 10 }))
    const host = virtualHost({ libraries: { 'libc.so.6': fake.libc } })
    const loaded = loadPerf(host)
    if (!loaded.ok) throw new Error(loaded.reason)
    const fd = loaded.perf.open({ type: 0, config: 1n }, { pid: 5, cpu: -1 })
    expect(fake.asked[0]).toMatchObject({ number: 298, size: 128, pid: 5, cpu: -1, group: -1, openFlags: 8, flags: 0n })
    expect(loaded.perf.read(fd)).toEqual({ value: 7n, enabled: 40, running: 10 })
    loaded.perf.close(fd)
    expect(fake.open.size).toBe(0)
    expect(loaded.perf.read(fd)).toBeUndefined()
  })

  test('of a group reads all its counts at once, in the order of opening', () => {
    const fake = virtualPerf(({ config }) => () => ({ value: 1n << (config * 20n), enabled: 50, running: 25 }))
    const loaded = loadPerf(virtualHost({ libraries: { 'libc.so.6': fake.libc } }))
    if (!loaded.ok) throw new Error(loaded.reason)
    const { perf } = loaded
    const leader = perf.open({ type: 0, config: 2n, grouped: true, inherit: true }, { pid: 5, cpu: -1 })
    perf.open({ type: 0, config: 0n, grouped: true, inherit: true }, { pid: 5, cpu: -1, group: leader })
    expect(fake.asked[1]).toMatchObject({ group: leader, readFormat: 11n, flags: 2n })
    expect(perf.readGroup(leader, 2)).toEqual({ values: Float64Array.of(2 ** 40, 1), enabled: 50, running: 25 })
    expect(perf.readGroup(leader, 3)).toBeUndefined()
    perf.close(leader)
    expect(perf.readGroup(leader, 2)).toBeUndefined()
  })

  test('has another number on arm64, and none where the call is not known', () => {
    const fake = virtualPerf(() => () => 0n)
    const libraries = { 'libc.so.6': fake.libc }
    const arm = loadPerf(virtualHost({ arch: 'arm64', libraries }))
    if (arm.ok) arm.perf.open({ type: 0, config: 1n }, { pid: 0, cpu: -1 })
    expect(fake.asked[0]!.number).toBe(241)
    expect(loadPerf(virtualHost({ arch: 'mips', libraries }))).toMatchObject({ ok: false, reason: /mips/ })
    expect(loadPerf(virtualHost({ platform: 'darwin', libraries }))).toMatchObject({ ok: false, reason: /darwin/ })
    expect(loadPerf(virtualHost())).toMatchObject({ ok: false, remedy: /koffi/ })
  })

  test('that is refused is the errno', () => {
    const loaded = loadPerf(virtualHost({ libraries: { 'libc.so.6': virtualPerf(() => 13).libc } }))
    expect(loaded.ok && loaded.perf.open({ type: 0, config: 1n }, { pid: 0, cpu: -1 })).toBe(-13)
  })
})

describe('a refusal', () => {
  const said = (files: Record<string, string>, code: number, reach: PerfReach): string => {
    const { reason, remedy } = perfRefusal(virtualHost({ files }), code, reach)
    return `${reason} -> ${remedy}`
  }

  test.each([2, 19, 95])('with errno %i in a virtual machine is a missing PMU', (code) => {
    expect(said(hypervisor, code, 'process')).toMatch(/virtual machine has no performance counters.* -> .*pmu=on/)
    expect(said(physical, code, 'process')).toMatch(/processor or kernel does not count it.* -> .*perf list/)
  })

  test.each([
    [13, 'user', 4, /paranoid is 4, and this needs 2 or less \(EACCES\) -> .*perf_event_paranoid=2, .*cap_perfmon/],
    [13, 'process', 2, /paranoid is 2, and this needs 1 or less/],
    [1, 'host', 2, /paranoid is 2, and this needs 0 or less \(EPERM\)/],
    [13, 'user', 1, /the process may be another user’s.* -> .*run as the user/],
  ] as const)('with errno %i of %s at paranoid %i names the setting', (code, reach, value, expected) => {
    expect(said(paranoid(value), code, reach)).toMatch(expected)
  })

  test('in a container names the seccomp filter', () => {
    const container = { ...paranoid(2), '/proc/self/status': 'Name:\tnode\nSeccomp:\t2\n' }
    expect(said(container, 1, 'user')).toMatch(/seccomp filter.*EPERM.* -> .*--cap-add PERFMON/)
    expect(said(container, 38, 'user')).toMatch(/seccomp filter.*ENOSYS/)
    // EACCES is the kernel's own word when the setting forbids it.
    expect(said(container, 13, 'host')).toMatch(/paranoid is 2/)
  })

  test.each([
    [24, /descriptors.*EMFILE.* -> .*ulimit/],
    [23, /descriptors.*ENFILE.* -> .*file-max/],
    [38, /no perf events.* -> .*CONFIG_PERF_EVENTS/],
    [22, /does not take this event.*EINVAL.* -> .*newer kernel/],
    [7, /does not take this event.*E2BIG/],
    [16, /EBUSY.* -> .*nmi_watchdog/],
    [3, /process is gone/],
    [5, /errno 5/],
  ] as const)('with errno %i has a reason and a remedy', (code, expected) => {
    expect(said(physical, code, 'process')).toMatch(expected)
  })
})
