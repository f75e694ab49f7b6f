import { describe, expect, test } from 'vitest'
import { systemError, virtualHost, type VirtualHost } from '../../host/virtual-host.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { PolledSensor } from '../sensor.ts'
import { openProcfs } from './procfs.ts'

type Files = NonNullable<VirtualHost['machine']>['files']
const pid = 4000

/** A stat line with minor faults, major faults, and CPU ticks in user mode. */
const statLine = (minor: number, major: number, ticks: number): string =>
  `${pid} (a) b) S 1 1 1 0 -1 4194560 ${minor} 99 ${major} 88 ${ticks} 0 0 0 20 0 3 0 100 1000 25 0`

const schedLines = (voluntary: number, involuntary: number, migrations: number): string =>
  [
    'node (4000, #threads: 3)',
    '-------------------------------------------------------------------',
    `se.nr_migrations                             :           ${migrations}`,
    `nr_switches                                  :           ${voluntary + involuntary}`,
    `nr_voluntary_switches                        :           ${voluntary}`,
    `nr_involuntary_switches                      :           ${involuntary}`,
    '',
  ].join('\n')

const pressure = (some: number, full: number): string =>
  `some avg10=1.00 avg60=0.00 avg300=0.00 total=${some}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=${full}\n`

const thread = (tid: number, wait: number, sched = schedLines(10, 5, 2)): Files => ({
  [`/proc/${pid}/task/${tid}/schedstat`]: `700000 ${wait} 15\n`,
  [`/proc/${pid}/task/${tid}/sched`]: sched,
  [`/proc/${pid}/task/${tid}/stat`]: statLine(0, 0, tid),
})

const everything = (): Files => ({
  '/proc/stat': 'cpu  100 0 50 900 0 0 0 20 0 0\nctxt 12345\n',
  '/proc/self/schedstat': '500 100 3\n',
  '/proc/self/sched': schedLines(1, 1, 0),
  '/proc/self/io': 'rchar: 9\nread_bytes: 1\nwrite_bytes: 2\n',
  '/proc/self/cgroup': '0::/own\n',
  [`/proc/${pid}/stat`]: statLine(40, 3, 250),
  [`/proc/${pid}/io`]: 'rchar: 9\nwchar: 9\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n',
  [`/proc/${pid}/cgroup`]: '1:cpu:/elsewhere\n0::/own/target\n',
  ...thread(pid, 3e9),
  ...thread(pid + 1, 1e9),
  '/proc/pressure/cpu': pressure(2e6, 0),
  '/proc/pressure/memory': pressure(3e6, 1e6),
  '/proc/pressure/io': pressure(5e6, 4e6),
  '/proc/diskstats': [
    '   7       0 loop0 1 0 1000 0 1 0 1000 0 0 0 0',
    ' 259       0 nvme0n1 10 0 200 5 20 0 400 6 0 7 8',
    ' 259       1 nvme0n1p1 10 0 200 5 20 0 400 6 0 7 8',
    '   8       0 sda 1 0 8 0 1 0 16 0 0 0 0',
    '',
  ].join('\n'),
  '/sys/block/nvme0n1/device': '',
  '/sys/block/sda/device': '',
  '/sys/fs/cgroup/cgroup.controllers': 'cpu io memory\n',
  ...cgroup('/sys/fs/cgroup/own', 1),
  ...cgroup('/sys/fs/cgroup/own/target', 2),
})

function cgroup(folder: string, times: number): Files {
  return {
    [`${folder}/cgroup.events`]: 'populated 1\n',
    [`${folder}/cpu.stat`]: `usage_usec ${times * 7e6}\nuser_usec 1\nnr_periods 40\nnr_throttled 4\nthrottled_usec 250000\n`,
    [`${folder}/memory.current`]: `${times * 1e6}\n`,
    [`${folder}/memory.events`]: 'low 0\nhigh 3\nmax 2\noom 1\noom_kill 1\noom_group_kill 0\n',
    [`${folder}/io.stat`]: '259:0 rbytes=100 wbytes=200 rios=1 wios=2\n8:0 rbytes=10 wbytes=20 rios=1 wios=1\n',
    [`${folder}/cpu.pressure`]: pressure(times * 1e6, 5e5),
    [`${folder}/memory.pressure`]: pressure(times * 2e6, 1e6),
    [`${folder}/io.pressure`]: pressure(times * 3e6, 2e6),
  }
}

interface Opened {
  readonly host: VirtualHost
  readonly sensor: PolledSensor
  readonly watch: (pid: number) => void
}

function opened(files: Files = everything()): Opened {
  const host = virtualHost({ files })
  const watched = new SharedArrayBuffer(16)
  return {
    host,
    sensor: openProcfs(host, { watched }),
    watch: (to) => void Atomics.store(new Int32Array(watched), 0, to),
  }
}

/** What one reading puts, without the sensor's name; the last of each channel. */
function read({ sensor }: Opened, at = 1e9): Record<string, number> {
  const found: Record<string, number> = {}
  sensor.read(at, {
    put: (channel, _, value) => void (found[sensor.channels[channel]!.id.slice('procfs/'.length)] = value),
  })
  return found
}

const said = (rows: readonly Unmeasured[] | undefined): string =>
  (rows ?? []).map(({ what, reason, remedy }) => `${what} | ${reason} | ${remedy}`).join('\n')
const ids = ({ sensor }: Opened): readonly string[] => sensor.channels.map(({ id }) => id.slice('procfs/'.length))

test('a host that has everything gives everything, in base units', () => {
  const open = opened()
  open.watch(pid)
  expect(read(open)).toEqual({
    'host/busy': 1.5,
    'host/steal': 0.2,
    'host/context-switches': 12345,
    'host/disk-read': 208 * 512,
    'host/disk-written': 416 * 512,
    'target/cpu': 2.5,
    'target/memory': 25 * 4096,
    'target/page-faults-minor': 40,
    'target/page-faults-major': 3,
    'target/disk-read': 4096,
    'target/disk-written': 8192,
    // Of these what was before is not the run's.
    'target/run-queue-wait': 0,
    'target/voluntary-switches': 0,
    'target/involuntary-switches': 0,
    'target/migrations': 0,
    'cgroup/periods': 40,
    'cgroup/throttled': 4,
    'cgroup/throttled-time': 0.25,
    'cgroup/cpu': 14,
    'cgroup/memory': 2e6,
    'cgroup/memory-high': 3,
    'cgroup/memory-max': 2,
    'cgroup/memory-oom': 1,
    'cgroup/memory-oom-kill': 1,
    'cgroup/disk-read': 110,
    'cgroup/disk-written': 220,
    'psi/cpu-some': 2,
    'psi/memory-some': 3,
    'psi/memory-full': 1,
    'psi/io-some': 5,
    'psi/io-full': 4,
    'psi/cgroup-cpu-some': 2,
    'psi/cgroup-cpu-full': 0.5,
    'psi/cgroup-memory-some': 4,
    'psi/cgroup-memory-full': 1,
    'psi/cgroup-io-some': 6,
    'psi/cgroup-io-full': 2,
  })
  expect(open.sensor.lacks).toEqual([])
})

test('a host that has /proc/stat alone gives that, and a reason for the rest, never 0', () => {
  const open = opened({ '/proc/stat': 'cpu  100 0 50 900 0 0 0 20 0 0\n' })
  open.watch(pid)
  expect(read(open)).toEqual({ 'host/busy': 1.5, 'host/steal': 0.2 })
  const rows = said(open.sensor.lacks)
  for (const what of [
    'run-queue-wait',
    'migrations',
    'voluntary-switches',
    'psi: cpu, memory, io',
    'disk-read',
    'cgroup',
  ])
    expect(rows).toContain(what)
  expect(rows).toMatch(/pressure\/cpu cannot be read \(ENOENT\) \| .*CONFIG_PSI/)
})

describe('threads', () => {
  test('are summed, what they did before left out and what new ones did counted whole', () => {
    const files = everything()
    const open = opened(files)
    open.watch(pid)
    read(open)
    Object.assign(files, thread(pid, 3.5e9, schedLines(14, 5, 3)), thread(pid + 2, 0.25e9, schedLines(2, 1, 1)))
    Object.assign(open.host.machine.files, files)
    open.host.advance(1.1e9)
    expect(read(open)).toMatchObject({
      'target/run-queue-wait': 0.75,
      'target/voluntary-switches': 6,
      'target/involuntary-switches': 1,
      'target/migrations': 2,
    })
  })

  test('that end keep what they had', () => {
    const open = opened()
    open.watch(pid)
    read(open)
    const { files } = open.host.machine
    Object.assign(files, thread(pid + 1, 2e9))
    expect(read(open)['target/run-queue-wait']).toBe(1)
    for (const name of ['schedstat', 'sched', 'stat']) delete files[`/proc/${pid}/task/${pid + 1}/${name}`]
    open.host.advance(2e9)
    expect(read(open)['target/run-queue-wait']).toBe(1)
    Object.assign(files, thread(pid, 3.5e9))
    expect(read(open)['target/run-queue-wait']).toBe(1.5)
  })

  test('in great number are read of the busiest, and it says of how many', () => {
    const files = everything()
    for (let i = 0; i < 300; i++) Object.assign(files, thread(pid + i, 1e9))
    const open = opened(files)
    open.watch(pid)
    read(open)
    expect(said(open.sensor.lacks)).toMatch(/run-queue-wait, .*migrations \| read of 64 of 300 threads/)
    Object.assign(open.host.machine.files, thread(pid + 299, 2e9), thread(pid, 2e9))
    expect(read(open)['target/run-queue-wait']).toBe(1)
  })

  test('without `sched` give switches from `status`, and no migrations', () => {
    const files = everything()
    const status = (voluntary: number): string =>
      `Name:\tnode\nvoluntary_ctxt_switches:\t${voluntary}\nnonvoluntary_ctxt_switches:\t7\n`
    files['/proc/self/sched'] = systemError('ENOENT', 'sched')
    files['/proc/self/status'] = status(1)
    files[`/proc/${pid}/task/${pid}/status`] = status(10)
    const open = opened(files)
    open.watch(pid)
    read(open)
    open.host.machine.files[`/proc/${pid}/task/${pid}/status`] = status(25)
    expect(read(open)['target/voluntary-switches']).toBe(15)
    expect(ids(open)).not.toContain('target/migrations')
    expect(said(open.sensor.lacks)).toMatch(/migrations \| .*sched does not tell.*perf-event/)
  })

  test('of a kernel that keeps no scheduler statistics have no wait of 0', () => {
    const open = opened({ ...everything(), '/proc/self/schedstat': '0 0 0\n' })
    expect(ids(open)).not.toContain('target/run-queue-wait')
    expect(said(open.sensor.lacks)).toMatch(/run-queue-wait \| .*shows zeros \| .*delayacct/)
  })
})

describe('pressure', () => {
  test('that is switched off says how to switch it on', () => {
    const off = systemError('EOPNOTSUPP', 'psi')
    const files = { '/proc/pressure/cpu': off, '/proc/pressure/memory': off, '/proc/pressure/io': off }
    const open = opened({ ...everything(), ...files })
    expect(ids(open).filter((id) => /^psi\/(?!cgroup)/.test(id))).toEqual([])
    expect(said(open.sensor.lacks)).toMatch(/psi: cpu, memory, io \| .*switched off.* \| boot with psi=1/)
  })

  test('of which one resource is missing leaves the others', () => {
    const files = everything()
    delete files['/proc/pressure/memory']
    const open = opened(files)
    expect(ids(open)).toContain('psi/io-full')
    expect(said(open.sensor.lacks)).toMatch(/psi: memory \|/)
  })
})

describe('the cgroup', () => {
  test('without some controllers gives the others', () => {
    const files = everything()
    delete files['/sys/fs/cgroup/own/io.stat']
    delete files['/sys/fs/cgroup/own/target/memory.current']
    const open = opened(files)
    expect(ids(open)).not.toContain('cgroup/disk-read')
    expect(said(open.sensor.lacks)).toMatch(/cgroup: io.stat \| .*does not have it \| .*subtree_control/)
    open.watch(pid)
    const values = read(open)
    expect(values['cgroup/cpu']).toBe(14)
    expect(values).not.toHaveProperty('cgroup/memory')
    expect(said(open.sensor.lacks)).toMatch(/cgroup: memory.current \| .*own\/target does not have it/)
  })

  test('that is the root, or of version 1, has no figures of its own', () => {
    const root = everything()
    root['/proc/self/cgroup'] = '0::/\n'
    expect(said(opened(root).sensor.lacks)).toMatch(/cgroup \| tailwatt is in the root cgroup.*systemd-run/)
    const first = everything()
    delete first['/sys/fs/cgroup/cgroup.controllers']
    expect(said(opened(first).sensor.lacks)).toMatch(/cgroup \| there is no cgroup of version 2/)
  })

  test('beside version 1 is found where it is mounted', () => {
    const files = everything()
    delete files['/sys/fs/cgroup/cgroup.controllers']
    files['/sys/fs/cgroup/unified/cgroup.controllers'] = ''
    Object.assign(files, cgroup('/sys/fs/cgroup/unified/own', 1), cgroup('/sys/fs/cgroup/unified/own/target', 3))
    const open = opened(files)
    open.watch(pid)
    expect(read(open)['cgroup/cpu']).toBe(21)
  })
})

test('another user’s process has no disk bytes, and that is told when it is met', () => {
  const open = opened({ ...everything(), [`/proc/${pid}/io`]: systemError('EACCES', 'io') })
  expect(said(open.sensor.lacks)).toBe('')
  open.watch(pid)
  expect(read(open)).not.toHaveProperty('target/disk-read')
  expect(said(open.sensor.lacks)).toMatch(/disk-read, disk-written \| .*another user’s/)
})

test('a host of virtual disks alone has no disk bytes', () => {
  const files = everything()
  for (const name of ['nvme0n1', 'sda']) delete files[`/sys/block/${name}/device`]
  const open = opened(files)
  expect(ids(open)).not.toContain('host/disk-read')
  expect(said(open.sensor.lacks)).toMatch(/host: disk-read, disk-written \| no disk of its own/)
})

test('counters go on where they were with another process, with a gap that nobody knows', () => {
  const files = everything()
  Object.assign(files, { '/proc/77/stat': statLine(5, 0, 50), '/proc/77/cgroup': '0::/own\n' })
  const open = opened(files)
  open.watch(pid)
  read(open)
  open.watch(77)
  const put: (readonly [string, number])[] = []
  open.sensor.read(2e9, { put: (i, _, value) => put.push([open.sensor.channels[i]!.id, value]) })
  expect(put.filter(([id]) => id === 'procfs/target/cpu').map(([, value]) => value)).toEqual([Number.NaN, 2.5])
  open.host.machine.files['/proc/77/stat'] = statLine(6, 0, 150)
  expect(read(open, 3e9)['target/cpu']).toBe(3.5)
})

test('a process that had counted further before it was followed adds nothing of that', () => {
  const files = everything()
  Object.assign(files, { '/proc/77/stat': statLine(500, 50, 9000), '/proc/77/cgroup': '0::/own\n' })
  const open = opened(files)
  open.watch(pid)
  read(open)
  open.watch(77)
  const put: (readonly [string, number])[] = []
  open.sensor.read(2e9, { put: (i, _, value) => put.push([open.sensor.channels[i]!.id, value]) })
  expect(put.filter(([id]) => id === 'procfs/target/cpu').map(([, value]) => value)).toEqual([Number.NaN, 2.5])
  expect(put.filter(([id]) => id === 'procfs/host/busy').map(([, value]) => value)).toEqual([1.5])
})

test('resident memory is counted in pages of the size that this kernel has', () => {
  const auxv = Buffer.alloc(48)
  ;[33n, 0x7fffn, 6n, 65_536n, 0n, 0n].forEach((word, i) => auxv.writeBigUInt64LE(word, i * 8))
  const open = opened({ ...everything(), '/proc/self/auxv': auxv.toString('latin1') })
  open.watch(pid)
  expect(read(open)['target/memory']).toBe(25 * 65_536)
})

test('files that turn out to tell nothing are closed', () => {
  const host = virtualHost({ files: { ...everything(), '/proc/pressure/cpu': 'nonsense' } })
  let open = 0
  const counted = {
    ...host,
    open: (path: string) => {
      const file = host.open(path)
      open++
      let closed = false
      const close = (): void => {
        if (!closed) open--
        closed = true
        file.close()
      }
      return { text: () => file.text(), bytes: () => file.bytes(), close }
    },
  }
  const watched = new SharedArrayBuffer(16)
  const sensor = openProcfs(counted, { watched, self: pid })
  const before = open
  for (const to of [pid, pid + 1, pid]) {
    Atomics.store(new Int32Array(watched), 0, to)
    sensor.read(to * 1e9, { put: () => undefined })
  }
  expect(open).toBeGreaterThan(before)
  sensor.close()
  expect(open).toBe(0)
})

test('what is dear to read is read in turn, all of it within three readings', () => {
  const open = opened()
  open.watch(pid)
  read(open)
  const turns = [1, 2, 3].map((i) => Object.keys(read(open, i * 1e9)))
  for (const id of ['cgroup/cpu', 'psi/io-full', 'host/disk-read'])
    expect(turns.filter((turn) => turn.includes(id))).toHaveLength(1)
  expect(turns.every((turn) => turn.includes('target/cpu'))).toBe(true)
})

test('the target’s figures are there only while there is a target', () => {
  const open = opened()
  const values = read(open)
  expect(Object.keys(values).filter((id) => id.startsWith('target') || id === 'cgroup/cpu')).toEqual([])
  expect(values['host/busy']).toBe(1.5)
})
