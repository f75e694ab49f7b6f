import { expect, test } from 'vitest'
import { virtualHost, type VirtualHost } from '../../host/virtual-host.ts'
import { parseClient, ProcessUsage } from './fdinfo.ts'

// As in the examples of Documentation/gpu/drm-usage-stats.rst and of the drivers.
const amd = (gfx: number, compute = 0, more = ''): string => `pos:	0
flags:	02100002
drm-driver:	amdgpu
drm-client-id:	17
drm-pdev:	0000:03:00.0
drm-memory-vram:	1024 KiB
drm-memory-gtt: 	512 KiB
drm-engine-gfx:	${gfx} ns
drm-engine-compute:	${compute} ns
drm-engine-capacity-compute:	4
${more}`
const xe = (cycles: number, total: number): string => `drm-driver:	xe
drm-client-id:	3
drm-pdev:	0000:03:00.0
drm-resident-system:	8 KiB
drm-total-vram0:	23992 KiB
drm-resident-vram0:	16 MiB
drm-cycles-ccs:	${cycles}
drm-total-cycles-ccs:	${total}
drm-engine-capacity-ccs:	4
`

test('a client’s engines, capacities and memory', () => {
  expect(parseClient(amd(5, 8))).toEqual({
    id: '17',
    pci: '0000:03:00.0',
    engines: new Map([
      ['gfx', { busy: 5, total: undefined, capacity: 1 }],
      ['compute', { busy: 8, total: undefined, capacity: 4 }],
    ]),
    memory: 2 ** 20,
  })
  expect(parseClient(xe(10, 100))).toMatchObject({
    engines: new Map([['ccs', { busy: 10, total: 100, capacity: 4 }]]),
    memory: 16 * 2 ** 20,
  })
  // Graphics in the processor have the system's memory only.
  const igpu = 'drm-pdev:	0000:00:02.0\ndrm-client-id:	1\ndrm-resident-system0:	3 MiB\n'
  expect(parseClient(igpu)).toMatchObject({ memory: 3 * 2 ** 20 })
})

test('what is no client, garbage and negative values are none', () => {
  expect(parseClient('')).toBeUndefined()
  expect(parseClient('pos:	0\nflags:	0100002\n')).toBeUndefined()
  const odd = parseClient(amd(-5, Number.NaN, 'drm-engine-dma:	soon\ndrm-memory-vram:	N/A\n'))!
  expect(odd.engines.size).toBe(0)
  expect(odd.memory).toBe(512 * 2 ** 10)
})

interface Followed {
  readonly host: VirtualHost
  readonly watched: Int32Array
  read(at: number): Record<string, number | undefined>
}

function follow(files: Record<string, string | (() => string)>, links: Record<string, string>): Followed {
  const host = virtualHost({ files, links })
  const shared = new SharedArrayBuffer(16)
  const usage = new ProcessUsage(host, '0000:03:00.0', shared)
  return {
    host,
    watched: new Int32Array(shared),
    read: (at) => {
      usage.refresh(at)
      return Object.fromEntries(usage.readings.map(({ name, read }) => [name, read(at)]))
    },
  }
}

const fds = {
  '/proc/42/fd/3': '/dev/dri/renderD128',
  '/proc/42/fd/4': '/dev/dri/renderD128',
  '/proc/42/fd/5': '/dev/null',
}

test('the busiest engine’s share, a client on two descriptors counted once, no share before there are two readings', () => {
  let [gfx, compute] = [1e9, 0]
  const client = (): string => amd(gfx, compute)
  const run = follow({ '/proc/42/fdinfo/3': client, '/proc/42/fdinfo/4': client }, fds)
  expect(run.read(0)['process-utilization']).toBeUndefined()
  run.watched[0] = 42
  expect(run.read(1e8)).toMatchObject({ 'process-utilization': undefined, 'process-memory': 2 ** 20 })
  gfx += 25e6
  // Four engines of 100 ms each.
  compute += 300e6
  const second = run.read(2e8)
  expect(second['process-utilization']).toBeCloseTo(0.75)
  expect(second['process-engine-time']).toBeCloseTo(0.325)
  // A value that falls is waited out, and none is made up.
  gfx -= 10e6
  compute += 40e6
  expect(run.read(3e8)['process-utilization']).toBeCloseTo(0.1)
})

test('cycles are shares of the cycles that went by, whatever the clock', () => {
  let [cycles, total] = [0, 1000]
  const run = follow({ '/proc/42/fdinfo/3': () => xe(cycles, total) }, fds)
  run.watched[0] = 42
  run.read(0)
  ;[cycles, total] = [400, 2000]
  expect(run.read(1e8)['process-utilization']).toBeCloseTo(0.1)
})

test('another card’s client, and a process that cannot be looked into, give nothing', () => {
  const run = follow({ '/proc/42/fdinfo/3': amd(5).replace('03:00', '04:00') }, fds)
  run.watched[0] = 42
  run.read(0)
  expect(run.read(1e8)).toEqual({
    'process-utilization': undefined,
    'process-engine-time': undefined,
    'process-memory': undefined,
  })
  const denied = follow({}, {})
  denied.watched[0] = 42
  expect(denied.read(1e8)['process-utilization']).toBeUndefined()
})

test('of a process on ROCm no busy time is claimed', () => {
  let gfx = 0
  const run = follow({ '/proc/42/fdinfo/3': () => amd((gfx += 1e6)) }, { ...fds, '/proc/42/fd/6': '/dev/kfd' })
  run.watched[0] = 42
  run.read(0)
  expect(run.read(1e8)).toMatchObject({ 'process-utilization': undefined, 'process-memory': 2 ** 20 })
})

test('a new process is followed from its own beginning', () => {
  let gfx = 0
  const run = follow(
    { '/proc/42/fdinfo/3': () => amd((gfx += 1e7)), '/proc/43/fdinfo/3': () => amd((gfx += 1e7)) },
    { ...fds, '/proc/43/fd/3': '/dev/dri/renderD128' },
  )
  run.watched[0] = 42
  run.read(0)
  expect(run.read(1e8)['process-utilization']).toBeCloseTo(0.1)
  run.watched[0] = 43
  expect(run.read(2e8)['process-utilization']).toBeUndefined()
})
