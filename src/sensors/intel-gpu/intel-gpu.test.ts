// Intel cards on hosts written from the kernel's documentation (Documentation/ABI/testing/sysfs-driver-intel-{i915,xe}-hwmon,
// xe_gt_throttle.c, intel_gt_sysfs_pm.c).
import { expect, test } from 'vitest'
import { systemError, virtualHost, type VirtualMachine } from '../../host/virtual-host.ts'
import type { PolledSensor } from '../sensor.ts'
import type { Host } from '../../host/host.ts'
import type { CardOptions } from '../drm/card-sensor.ts'
import { sensorOf } from '../../../test/fixtures/opened-sensor.ts'
import { intelGpu, openIntelGpu as open } from './intel-gpu.ts'

const openIntelGpu = (host: Host, options?: CardOptions): PolledSensor => sensorOf(open(host, options))

type Files = NonNullable<VirtualMachine['files']>

const path = '/sys/class/drm/card0'
const device = `${path}/device`
const hwmon = `${device}/hwmon/hwmon3`
const gt = `${device}/tile0/gt0`
const identity = (driver: string, pci: string, id: string): Files => ({
  [`${device}/vendor`]: '0x8086\n',
  [`${device}/device`]: `${id}\n`,
  [`${device}/uevent`]: `DRIVER=${driver}\nPCI_SLOT_NAME=${pci}\n`,
})

/** An Arc B580 on Linux 6.16. */
const arc: Files = {
  ...identity('xe', '0000:03:00.0', '0xe20b'),
  [`${device}/power/runtime_status`]: 'active\n',
  [`${hwmon}/name`]: 'xe\n',
  [`${hwmon}/energy1_input`]: '5000000\n',
  [`${hwmon}/energy2_input`]: '3000000\n',
  [`${hwmon}/power1_max`]: '190000000\n',
  [`${hwmon}/temp2_label`]: 'pkg\n',
  [`${hwmon}/temp2_input`]: '62000\n',
  [`${hwmon}/temp3_label`]: 'vram\n',
  [`${hwmon}/temp3_input`]: '70000\n',
  [`${gt}/freq0/act_freq`]: '2850\n',
  [`${gt}/freq0/throttle/status`]: '0\n',
  [`${gt}/freq0/throttle/reason_pl1`]: '0\n',
  [`${gt}/freq0/throttle/reason_thermal`]: '0\n',
  [`${gt}/freq0/throttle/reason_vr_tdc`]: '0\n',
  [`${gt}/freq0/throttle/reason_p0_freq`]: '0\n',
  [`${gt}/gtidle/idle_residency_ms`]: '1000\n',
}

/** Graphics of a laptop's processor on Linux 6.8. */
const integrated: Files = {
  ...identity('i915', '0000:00:02.0', '0x46a6'),
  [`${path}/gt/gt0/rps_act_freq_mhz`]: '1150\n',
  [`${path}/gt/gt0/rc6_residency_ms`]: '500\n',
  [`${path}/gt/gt0/throttle_reason_status`]: '1\n',
  [`${path}/gt/gt0/throttle_reason_pl2`]: '1\n',
  [`${path}/gt/gt0/throttle_reason_ratl`]: '1\n',
}

const readOnce = (sensor: PolledSensor, at: number): Record<string, number> => {
  const values: Record<string, number> = {}
  sensor.read(at, {
    put: (channel, _t, value) => (values[sensor.channels[channel]!.id.split('/').slice(2).join('/')] = value),
  })
  return values
}
const channelOf = (sensor: PolledSensor, name: string) => sensor.channels.find(({ id }) => id.endsWith(`/${name}`))

test('a discrete card: joules of the card, and of the chip within it; degrees, clock, reasons and idle time', () => {
  const files = { ...arc }
  const sensor = openIntelGpu(virtualHost({ files }))
  expect(readOnce(sensor, 0)).toEqual({
    energy: 0,
    'energy-package': 0,
    temperature: 62,
    'temperature-memory': 70,
    'clock-gt': 2850,
    'idle-time': 0,
    throttle: 0,
  })
  files[`${hwmon}/energy1_input`] = '24000000'
  files[`${hwmon}/energy2_input`] = '13000000'
  files[`${gt}/gtidle/idle_residency_ms`] = '1025'
  expect(readOnce(sensor, 1e8)).toMatchObject({
    energy: 19,
    'energy-package': 10,
    'idle-time': expect.closeTo(0.025),
    active: 0.75,
  })
  expect(channelOf(sensor, 'energy')).toMatchObject({ scope: 'gpu', grade: 'B', device: '0000:03:00.0' })
  expect(channelOf(sensor, 'energy-package')).toMatchObject({ scope: 'zone', parent: 'intel-gpu/0000:03:00.0/energy' })
  expect(sensor.lacks).toEqual([])
})

test('a reset that the driver takes for a wrap of its register is no energy', () => {
  const files = { ...arc }
  const sensor = openIntelGpu(virtualHost({ files }))
  const index = sensor.channels.indexOf(channelOf(sensor, 'energy')!)
  const got: number[] = []
  const read = (at: number, joules: number): void => {
    files[`${hwmon}/energy1_input`] = String(joules * 1e6)
    sensor.read(at, { put: (channel, _, value) => void (channel === index && got.push(value)) })
  }
  read(0, 100)
  read(1e8, 119)
  // 2^32 counts of 2^-14 J.
  read(2e8, 119 + 262_144)
  // Until the next reading goes on from there it may be garbled.
  read(3e8, 119 + 262_144 + 19)
  read(4e8, 119 + 262_144 + 38)
  expect(got).toEqual([0, 19, Number.NaN, 19, 38])
})

test('a garbled reading of joules is left out, and nothing is lost by it', () => {
  const files = { ...arc }
  const sensor = openIntelGpu(virtualHost({ files }))
  const index = sensor.channels.indexOf(channelOf(sensor, 'energy')!)
  const got: number[] = []
  for (const [i, joules] of [100, 119, 1_000_000, 157].entries()) {
    files[`${hwmon}/energy1_input`] = String(joules * 1e6)
    sensor.read(i * 1e8, { put: (channel, _, value) => void (channel === index && got.push(value)) })
  }
  expect(got).toEqual([0, 19, 57])
})

test('where only the chip’s package counts it is the card’s energy', () => {
  const { [`${hwmon}/energy1_input`]: _, ...files } = arc
  const channel = channelOf(openIntelGpu(virtualHost({ files })), 'energy-package')
  expect(channel).toMatchObject({ scope: 'gpu' })
  expect(channel).not.toHaveProperty('parent')
})

test('i915: the folder of the whole device, not those of its parts', () => {
  const files = {
    ...identity('i915', '0000:03:00.0', '0x56a0'),
    [`${device}/hwmon/hwmon1/name`]: 'i915_gt0',
    [`${device}/hwmon/hwmon1/energy1_input`]: '1',
    [`${device}/hwmon/hwmon2/name`]: 'i915',
    [`${device}/hwmon/hwmon2/energy1_input`]: '2000000',
  }
  const sensor = openIntelGpu(virtualHost({ files }))
  expect(sensor.channels.map(({ id }) => id)).toEqual(['intel-gpu/0000:03:00.0/energy'])
})

test('graphics in the processor have no energy of their own: RAPL’s is named, nothing is counted twice', () => {
  const sensor = openIntelGpu(virtualHost({ files: integrated }))
  expect(readOnce(sensor, 1)).toMatchObject({ 'clock-gt': 1150, throttle: 0x5 })
  expect(sensor.channels.some(({ quantity }) => quantity === 'energy' || quantity === 'power')).toBe(false)
  expect(sensor.lacks).toEqual([
    expect.objectContaining({ what: 'intel-gpu/0000:00:02.0/energy', remedy: expect.stringContaining('uncore') }),
  ])
})

test('i915 before Linux 5.19 keeps the files in the card', () => {
  const files = {
    ...identity('i915', '0000:00:02.0', '0x3e92'),
    [`${path}/gt_act_freq_mhz`]: '350',
    [`${path}/power/rc6_residency_ms`]: '100',
  }
  const sensor = openIntelGpu(virtualHost({ files }))
  expect(readOnce(sensor, 0)).toEqual({ 'clock-gt': 350, 'idle-time': 0 })
  files[`${path}/power/rc6_residency_ms`] = '200'
  expect(readOnce(sensor, 1e8)['active']).toBe(0)
})

test('with several units the busiest is what is active, and each has its clock', () => {
  const media = `${device}/tile0/gt1`
  const files: Files = {
    ...arc,
    [`${media}/freq0/act_freq`]: '0',
    [`${media}/gtidle/idle_residency_ms`]: '7000',
  }
  const sensor = openIntelGpu(virtualHost({ files }))
  expect(readOnce(sensor, 0)).toMatchObject({ 'clock-gt-gt0': 2850, 'clock-gt-gt1': 0 })
  files[`${gt}/gtidle/idle_residency_ms`] = '1060'
  files[`${media}/gtidle/idle_residency_ms`] = '7100'
  expect(readOnce(sensor, 1e8)['active']).toBeCloseTo(0.4)
})

test.each([
  ['pl1', 0x1],
  ['vr_tdc', 0x2],
  ['thermal', 0x4],
  ['p0_freq', 0x10],
  [undefined, 0x10],
])('held back for %s is told as %i', (reason, bit) => {
  const files: Files = { ...arc, [`${gt}/freq0/throttle/status`]: '1' }
  if (reason !== undefined) files[`${gt}/freq0/throttle/reason_${reason}`] = '1'
  expect(readOnce(openIntelGpu(virtualHost({ files })), 1)['throttle']).toBe(bit)
})

test('reasons are read only while there is one', () => {
  let reads = 0
  const files: Files = { ...arc }
  files[`${gt}/freq0/throttle/reason_pl1`] = () => (reads++, '1')
  const sensor = openIntelGpu(virtualHost({ files }))
  readOnce(sensor, 1)
  expect(reads).toBe(0)
})

test('a card that sleeps is never read, and its idle time while asleep is not taken for work', () => {
  let status = 'suspended'
  let reads = 0
  const files: Files = Object.fromEntries(
    Object.entries(arc).map(([name, content]) => [
      name,
      /_input$|freq$|status$|_ms$/.test(name) && !name.includes('runtime') ? () => (reads++, String(content)) : content,
    ]),
  )
  files[`${device}/power/runtime_status`] = () => status
  const sensor = openIntelGpu(virtualHost({ files }))
  expect(() => sensor.read(1e8, { put: () => undefined })).toThrow(/asleep/)
  expect(reads).toBe(0)
  expect(sensor.lacks).toContainEqual(expect.objectContaining({ what: 'intel-gpu/0000:03:00.0/awake' }))
  status = 'active'
  readOnce(sensor, 2e8)
  readOnce(sensor, 3e8)
  status = 'suspended'
  expect(() => sensor.read(4e8, { put: () => undefined })).toThrow(/asleep/)
  status = 'active'
  expect(readOnce(sensor, 9e9)).not.toHaveProperty('active')
  expect(readOnce(sensor, 9.1e9)).toHaveProperty('active', 1)
})

test('garbage, refusals and a card that goes do not end the run before they must', () => {
  const files: Files = { ...arc }
  const host = virtualHost({ files })
  const sensor = openIntelGpu(host)
  files[`${hwmon}/energy1_input`] = 'N/A'
  files[`${hwmon}/temp2_input`] = () => {
    throw systemError('EBUSY', 'temp2_input')
  }
  const values = readOnce(sensor, 1e8)
  expect(values).not.toHaveProperty('energy')
  expect(values).not.toHaveProperty('temperature')
  expect(values).toHaveProperty('clock-gt', 2850)
  for (const name of Object.keys(files)) delete files[name]
  expect(sensor.read(3e9, { put: () => undefined })).toBe('ended')
})

test('the process’ part of the card in cycles', () => {
  let cycles = 0
  const files: Files = {
    ...arc,
    '/proc/42/fdinfo/3': () =>
      `drm-pdev: 0000:03:00.0\ndrm-client-id: 1\ndrm-cycles-ccs: ${(cycles += 300)}\ndrm-total-cycles-ccs: ${cycles * 2}\n`,
  }
  const watched = new SharedArrayBuffer(16)
  new Int32Array(watched)[0] = 42
  const sensor = openIntelGpu(virtualHost({ files, links: { '/proc/42/fd/3': '/dev/dri/renderD128' } }), { watched })
  readOnce(sensor, 0)
  expect(readOnce(sensor, 1e8)['process-utilization']).toBe(0.5)
})

test('without a card, and with another driver, the probe says what to do', async () => {
  expect(await intelGpu.open(virtualHost(), {})).toMatchObject({
    ok: false,
    reason: 'there is no Intel GPU on this host',
  })
  const other = { ...arc, ...identity('vfio-pci', '0000:03:00.0', '0xe20b') }
  expect(await intelGpu.open(virtualHost({ files: other }), {})).toMatchObject({
    ok: false,
    remedy: 'use the driver xe or i915',
  })
  expect(await intelGpu.open(virtualHost({ platform: 'win32' }), {})).toMatchObject({ ok: false })
  expect(await intelGpu.open(virtualHost({ files: integrated }), {})).toMatchObject({
    ok: true,
    note: 'Intel GPU 8086:46a6 (in the processor)',
  })
})
