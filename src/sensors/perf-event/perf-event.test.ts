import { describe, expect, test } from 'vitest'
import { virtualHost, type VirtualHost } from '../../host/virtual-host.ts'
import { virtualPerf } from '../../host/virtual-perf.ts'
import { sensorOf } from '../../../test/fixtures/opened-sensor.ts'
import {
  E,
  devices,
  pid,
  physical,
  virtual,
  threads,
  stepping,
  rateOf,
  machine,
  everything,
  refusing,
  isHardware,
  opened,
  values,
  said,
} from '../../../test/fixtures/hosts/perf-machine.ts'
import { perfEvent } from './perf-event.ts'

describe('the target', () => {
  test('is counted by its threads, each with what it starts, and summed', () => {
    const perf = everything()
    const open = opened(machine({ ...physical, ...threads(1, 2, 3) }, perf))
    const before = perf.asked.length
    const counted = values(open, 2)
    const ofTarget = perf.asked.slice(before)
    expect(new Set(ofTarget.map((event) => event.pid))).toEqual(new Set([pid, pid + 1, pid + 2]))
    // inherit; read as a group, with both times.
    expect(ofTarget.every(({ flags, readFormat, cpu }) => flags === 2n && readFormat === 11n && cpu === -1)).toBe(true)
    expect(counted['perf-event/target/task-clock']).toBe(2 * 3 * 0.5)
    expect(counted['perf-event/target/context-switches']).toBe(2 * 3 * 40)
    expect(counted['perf-event/target/migrations']).toBe(2 * 3 * 2)
    expect(counted['perf-event/target/page-faults']).toBe(2 * 3 * 30)
    expect(counted['perf-event/target/instructions']! / counted['perf-event/target/cycles']!).toBe(1.5)
    expect(counted['perf-event/target/cycles/running']).toBe(counted['perf-event/target/cycles/enabled'])
  })

  test('has nothing before it runs, and leaves no descriptor open after', () => {
    const perf = everything()
    const open = opened(machine({ ...physical, ...threads(1) }, perf))
    const found: string[] = []
    open.sensor.read(0, { put: (channel) => found.push(open.sensor.channels[channel]!.id) })
    expect(found.filter((id) => id.startsWith('perf-event/target'))).toEqual([])
    values(open, 2)
    open.sensor.close()
    expect(perf.open.size).toBe(0)
  })

  test('an idle thread’s hardware events are not read, and are when it ran', () => {
    let ran = false
    const reads: string[] = []
    const perf = virtualPerf((event) => {
      const counting = stepping(rateOf(event))
      return () => {
        if (event.pid === pid) reads.push(`${event.type}/${event.config}`)
        return event.pid === pid && event.type === 1 && !ran ? { value: 0n, enabled: 0, running: 0 } : counting()
      }
    })
    const open = opened(machine({ ...physical, ...threads(1) }, perf))
    values(open, 3)
    expect(reads.some((event) => event.startsWith('0/'))).toBe(false)
    ran = true
    expect(values(open)['perf-event/target/cycles']).toBeGreaterThan(0)
  })

  test('that is another one from some moment on goes on counting from where it was', () => {
    const perf = everything()
    const files = { ...physical, ...threads(1), '/proc/77/task/77/stat': '' }
    const open = opened(machine(files, perf))
    const first = values(open, 3)['perf-event/target/cycles']!
    Atomics.store(new Int32Array(open.watched), 0, 77)
    let second = 0
    open.sensor.read(4e8, {
      put: (channel, _, value) => {
        if (open.sensor.channels[channel]!.id === 'perf-event/target/cycles') second = value
      },
    })
    expect(second).toBe(first + 2e9)
    expect([...perf.open.values()].some((event) => event.pid === pid)).toBe(false)
  })
})

describe('events that take turns', () => {
  test('are scaled, and their share is told', () => {
    const perf = virtualPerf((event) => stepping(rateOf(event), isHardware(event) ? 0.25 : 1))
    const counted = values(opened(machine({ ...physical, ...threads(1) }, perf)), 4)
    expect(counted['perf-event/target/cycles']).toBeCloseTo(4 * 2e9, 0)
    expect(counted['perf-event/target/cycles/running']! / counted['perf-event/target/cycles/enabled']!).toBeCloseTo(
      0.25,
      9,
    )
    const channel = opened(machine(physical, everything())).sensor.channels.find(
      ({ id }) => id === 'perf-event/target/instructions',
    )
    expect(channel).toMatchObject({ group: 'perf-event/target/cycles' })
  })

  test('that do not fit into one group are counted in two', () => {
    // Two counters: a third event of a group is refused.
    const perf = virtualPerf((event) => {
      const siblings = [...perf.open.values()].filter(({ group }) => group === event.group)
      return isHardware(event) && event.group >= 0 && siblings.length > 0 ? E.EINVAL : stepping(rateOf(event))
    })
    const open = opened(machine({ ...physical, ...threads(1) }, perf))
    const counted = values(open, 2)
    expect(counted['perf-event/target/branches']).toBe(2000)
    const group = (id: string) => open.sensor.channels.find((channel) => channel.id === id)?.group
    expect(group('perf-event/target/instructions')).toBe('perf-event/target/cycles')
    expect(group('perf-event/target/branch-misses')).toBe('perf-event/target/branches')
  })

  test('of which one never gets its turn are told apart', () => {
    // A watchdog holds the counter that only these can have.
    const never = virtualPerf((event) =>
      event.type === 0 && (event.config === 2n || event.config === 3n)
        ? () => ({ value: 0n, enabled: 1e9, running: 0 })
        : stepping(rateOf(event)),
    )
    const { sensor } = opened(machine(physical, never))
    expect(said(sensor.lacks)).toMatch(/cache-references.*never got its turn.*nmi_watchdog/)
    expect(sensor.channels.map(({ id }) => id)).toContain('perf-event/target/l1d-loads')
    expect(sensor.channels.map(({ id }) => id)).not.toContain('perf-event/target/cache-misses')
  })
})

describe('a refusal', () => {
  test('by a virtual machine without a PMU leaves the software events, and one row', () => {
    for (const code of [E.ENOENT, E.EOPNOTSUPP]) {
      const perf = refusing((event) => (isHardware(event) ? code : undefined))
      const open = opened(machine({ ...virtual, ...threads(1) }, perf))
      expect(said(open.sensor.lacks)).toMatch(
        /perf-event\/target: hardware events \| the virtual machine has no performance counters for it/,
      )
      const counted = values(open, 2)
      expect(counted['perf-event/target/task-clock']).toBe(1)
      expect(Object.keys(counted)).not.toContain('perf-event/target/cycles')
    }
  })

  test('of single events leaves the others of their group', () => {
    const perf = refusing(({ type, config }) => (type === 0 && config === 7n ? E.ENOENT : undefined))
    const open = opened(machine({ ...physical, ...threads(1) }, perf))
    expect(said(open.sensor.lacks)).toMatch(
      /perf-event\/target: stalled-cycles-frontend \| this processor or kernel does not/,
    )
    expect(values(open, 2)['perf-event/target/stalled-cycles-backend']).toBe(2000)
  })

  test('at paranoid 2 counts user mode only, without what happens in the kernel', () => {
    const perf = refusing((event) => ((event.flags & 0x20n) === 0n || event.cpu >= 0 ? E.EACCES : undefined))
    const files = { ...physical, '/proc/sys/kernel/perf_event_paranoid': '2\n', ...threads(1) }
    const open = opened(machine(files, perf))
    const counted = values(open, 2)
    expect(counted['perf-event/target/cycles']).toBeGreaterThan(0)
    expect(counted['perf-event/target/page-faults']).toBe(60)
    expect(Object.keys(counted)).not.toContain('perf-event/target/context-switches')
    expect([...perf.open.values()].every(({ flags }) => flags === 0x62n)).toBe(true)
    const rows = said(open.sensor.lacks)
    expect(rows).toMatch(/kernel time, context-switches, migrations \| only user mode .*paranoid is 2, .*needs 1/)
    expect(rows).toMatch(/perf-event\/host \| perf_event_paranoid is 2, and this needs 0/)
  })

  test.each([
    ['by Debian’s paranoid 3', E.EACCES, { '/proc/sys/kernel/perf_event_paranoid': '3\n' }, /is 3.*needs 2/],
    ['by a seccomp filter', E.EPERM, { '/proc/self/status': 'Seccomp:\t2\n' }, /seccomp.*--cap-add PERFMON/],
    ['by a kernel without perf', E.ENOSYS, {}, /no perf events.*CONFIG_PERF_EVENTS/],
  ])('%s says so, and what allows it', async (_, code, files, expected) => {
    const host = machine(
      { ...physical, ...files },
      virtualPerf(() => code),
    )
    expect(JSON.stringify(await perfEvent.open(host, {}))).toMatch(expected)
    expect((await perfEvent.open(host, {})).ok).toBe(false)
  })

  test('of the host by paranoid 1 leaves the target whole', () => {
    const perf = refusing(({ cpu }) => (cpu >= 0 ? E.EACCES : undefined))
    const files = { ...physical, '/proc/sys/kernel/perf_event_paranoid': '1\n', ...threads(1) }
    const open = opened(machine(files, perf))
    expect(values(open, 2)['perf-event/target/context-switches']).toBe(80)
    expect(open.sensor.channels.some(({ id }) => id.startsWith('perf-event/host'))).toBe(false)
    expect(said(open.sensor.lacks)).toMatch(/perf-event\/host \| perf_event_paranoid is 1, and this needs 0/)
  })

  test('of another user’s process is told when it is met', () => {
    const perf = refusing((event) => (event.pid === pid ? E.EACCES : event.cpu >= 0 ? E.EACCES : undefined))
    const open = opened(machine({ ...physical, '/proc/sys/kernel/perf_event_paranoid': '1\n', ...threads(1, 2) }, perf))
    expect(() => values(open)).toThrow(/may be another user’s/)
    expect(said(open.sensor.lacks)).toMatch(/perf-event\/target \| .*another user’s/)
    expect(perf.open.size).toBe(0)
  })

  test('for want of descriptors counts the threads before it, and says how many', () => {
    const perf = refusing(() => (perf.open.size >= 60 ? E.EMFILE : undefined))
    const files = { ...physical, ...threads(...Array<number>(6).fill(1)) }
    const host = machine(files, perf)
    const open = opened(host)
    expect(values(open, 2)['perf-event/target/task-clock']).toBeGreaterThan(0)
    expect(said(open.sensor.lacks)).toMatch(/counted in 2 of 6 threads, .*EMFILE.*ulimit/)
    // A thread that is counted is so with all its groups.
    const ofTarget = [...perf.open.values()].filter((event) => event.cpu < 0)
    expect(new Set(ofTarget.map((event) => event.pid)).size * 18).toBe(ofTarget.length)
  })

  test('a thread that ends while it is opened is passed over, a process that is gone is told', () => {
    const perf = refusing((event) => (event.pid === pid + 1 ? E.ESRCH : undefined))
    const open = opened(machine({ ...physical, ...threads(1, 1, 1) }, perf))
    expect(values(open, 2)['perf-event/target/task-clock']).toBe(2)
    expect(said(open.sensor.lacks)).not.toMatch(/gone/)
    const gone = opened(machine(physical, everything()))
    values(gone)
    expect(said(gone.sensor.lacks)).toMatch(/perf-event\/target \| the process is gone/)
  })

  test('of counters that stand still leaves no hardware event', () => {
    const perf = virtualPerf((event) => (isHardware(event) ? () => 0n : stepping(rateOf(event))))
    const { sensor } = opened(machine(virtual, perf))
    expect(said(sensor.lacks)).toMatch(/perf-event\/target: hardware events \| its counter stands still.*hypervisor/)
    expect(sensor.channels.some(({ id }) => id.startsWith('perf-event/target/cycles'))).toBe(false)
  })
})

test('of very many threads the busiest are counted, and it says of how many', () => {
  const perf = everything()
  const ticks = Array.from({ length: 300 }, (_, i) => i)
  const open = opened(machine({ ...physical, ...threads(...ticks) }, perf))
  values(open)
  const counted = new Set([...perf.open.values()].filter(({ cpu }) => cpu < 0).map((event) => event.pid))
  expect(counted.size).toBe(64)
  expect(Math.min(...counted)).toBe(pid + 300 - 64)
  expect(said(open.sensor.lacks)).toMatch(/counted in 64 of 300 threads/)
})

test('attaching to many threads is spread over several readings, and the counts over all of them come', () => {
  let host: VirtualHost | undefined
  // Each opening takes a millisecond.
  const perf = virtualPerf((event) => {
    host?.advance(1e6)
    return stepping(rateOf(event))
  })
  host = machine({ ...physical, ...threads(...Array<number>(8).fill(1)) }, perf)
  const open = opened(host)
  const attached = (): number => new Set([...perf.open.values()].filter(({ cpu }) => cpu < 0).map((of) => of.pid)).size
  values(open)
  expect(attached()).toBeGreaterThan(0)
  expect(attached()).toBeLessThan(8)
  values(open, 10)
  expect(attached()).toBe(8)
  expect(said(open.sensor.lacks)).not.toMatch(/counted in/)
})

test('half of the file descriptors are left to the process', () => {
  const perf = everything()
  const limits = { '/proc/self/limits': 'Max open files            256                  524288               files\n' }
  const open = opened(machine({ ...physical, ...limits, ...threads(...Array<number>(20).fill(1)) }, perf))
  values(open)
  expect([...perf.open.values()].filter(({ cpu }) => cpu < 0).length).toBeLessThanOrEqual(128)
  expect(said(open.sensor.lacks)).toMatch(/counted in 7 of 20 threads/)
})

describe('a hybrid processor', () => {
  const hybrid = {
    ...physical,
    [`${devices}/cpu_core/type`]: '4\n',
    [`${devices}/cpu_core/cpus`]: '0\n',
    [`${devices}/cpu_atom/type`]: '10\n',
    [`${devices}/cpu_atom/cpus`]: '1\n',
  }

  test('has each event on both kinds of core, and a task’s counts are their sum, not scaled by where it ran', () => {
    // The task is on performance cores for 3/4 of its time.
    const perf = virtualPerf((event) => {
      if (!isHardware(event)) return stepping(rateOf(event))
      return stepping(rateOf(event), event.cpu >= 0 ? 1 : event.config >> 32n === 4n ? 0.75 : 0.25)
    })
    const open = opened(machine({ ...hybrid, ...threads(1) }, perf))
    const counted = values(open, 2)
    const own = perf.asked.filter((event) => event.pid === pid && event.type === 0 && (event.config & 0xffn) === 0n)
    expect(own.map(({ config }) => config >> 32n)).toEqual([4n, 10n])
    expect(counted['perf-event/target/cycles']).toBe(2 * 2e9)
    expect(counted['perf-event/target/cycles/running']).toBe(counted['perf-event/target/cycles/enabled'])
    // Of the host each CPU has the PMU of its own kind.
    const onHost = perf.asked.filter(({ cpu, type, config }) => cpu >= 0 && type === 0 && (config & 0xffn) === 0n)
    expect(new Set(onHost.map(({ cpu, config }) => `${cpu}:${config >> 32n}`))).toEqual(new Set(['0:4', '1:10']))
  })

  test('does not have what one kind cannot count', () => {
    const perf = refusing(({ type, config }) =>
      type === 3 && config >> 32n === 10n && (config & 0xff_ffffn) === 0x1_0000n ? E.ENOENT : undefined,
    )
    const { sensor } = opened(machine(hybrid, perf))
    expect(sensor.channels.map(({ id }) => id)).not.toContain('perf-event/target/l1d-load-misses')
    expect(said(sensor.lacks)).toMatch(/l1d-load-misses/)
  })
})

describe('top-down', () => {
  const core = {
    [`${devices}/cpu/type`]: '4\n',
    [`${devices}/cpu/format/event`]: 'config:0-7\n',
    [`${devices}/cpu/format/umask`]: 'config:8-15\n',
    [`${devices}/cpu/events/slots`]: 'event=0x00,umask=0x4\n',
    [`${devices}/cpu/events/topdown-retiring`]: 'event=0x00,umask=0x80\n',
    [`${devices}/cpu/events/topdown-bad-spec`]: 'event=0x00,umask=0x81\n',
    [`${devices}/cpu/events/topdown-fe-bound`]: 'event=0x00,umask=0x82\n',
    [`${devices}/cpu/events/topdown-be-bound`]: 'event=0x00,umask=0x83\n',
  }

  test('is one group that the slots lead', () => {
    const perf = everything()
    const open = opened(machine({ ...physical, ...core, ...threads(1) }, perf))
    values(open, 2)
    const raw = perf.asked.filter((event) => event.pid === pid && event.type === 4)
    expect(raw.map(({ config }) => config)).toEqual([0x0400n, 0x8000n, 0x8100n, 0x8200n, 0x8300n])
    expect(raw[0]!.group).toBe(-1)
    expect(new Set(raw.slice(1).map(({ group }) => group)).size).toBe(1)
    expect(open.sensor.channels.map(({ id }) => id)).toContain('perf-event/target/topdown-be-bound')
  })

  test('in parts is none', () => {
    const perf = refusing(({ type, config }) => (type === 4 && config === 0x8300n ? E.EINVAL : undefined))
    const { sensor } = opened(machine({ ...physical, ...core }, perf))
    expect(sensor.channels.some(({ id }) => id.includes('topdown') || id.includes('slots'))).toBe(false)
    expect(said(sensor.lacks)).toMatch(/perf-event\/target: top-down \| the kernel does not take this event/)
  })

  test('that the processor does not have is said once there are counters at all', () => {
    expect(said(opened(machine(physical, everything())).sensor.lacks)).toMatch(/top-down \| this processor/)
  })
})

test('the host is counted on each CPU, and not where one CPU refuses', () => {
  const counted = values(opened(machine({ ...physical, ...threads(1) }, everything())), 1)
  expect(counted['perf-event/host/context-switches']).toBe(2 * 40)
  expect(counted['perf-event/host/cycles']).toBe(2 * 2e9)
  const perf = refusing(({ cpu, type }) => (cpu === 1 && type === 0 ? 19 : undefined))
  const { sensor } = opened(machine({ ...physical, ...threads(1) }, perf))
  const ids = sensor.channels.map(({ id }) => id)
  expect(ids).toContain('perf-event/host/context-switches')
  expect(ids).not.toContain('perf-event/host/cycles')
  expect([...perf.open.values()].some(({ cpu, type }) => cpu === 0 && type === 0)).toBe(false)
})

test('it says what is counted, and is closed whole', async () => {
  const perf = everything()
  const opened = await perfEvent.open(machine(physical, perf), {})
  expect(opened).toMatchObject({
    ok: true,
    note: '6 software and 12 hardware events of the target; host-wide too',
  })
  await sensorOf(opened).close()
  expect(perf.open.size).toBe(0)
  expect(await perfEvent.open(virtualHost({ platform: 'darwin' }), {})).toMatchObject({ ok: false, reason: /darwin/ })
  expect(await perfEvent.open(virtualHost(), {})).toMatchObject({ ok: false, remedy: /koffi/ })
})
