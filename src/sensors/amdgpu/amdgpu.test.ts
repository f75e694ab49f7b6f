// AMD cards on hosts written from the kernel's documentation (Documentation/gpu/amdgpu/thermal.rst, amdgpu_pm.c).
import { expect, test } from 'vitest'
import { systemError, virtualHost, type VirtualHost, type VirtualMachine } from '../../host/virtual-host.ts'
import type { PolledSensor } from '../sensor.ts'
import type { Host } from '../../host/host.ts'
import type { CardOptions } from '../drm/card-sensor.ts'
import { sensorOf } from '../../../test/fixtures/opened-sensor.ts'
import { amdgpu, openAmdgpu as open } from './amdgpu.ts'

const openAmdgpu = (host: Host, options?: CardOptions): PolledSensor => sensorOf(open(host, options))
import { table } from './virtual-table.ts'

type Files = NonNullable<VirtualMachine['files']>

const device = '/sys/class/drm/card1/device'
const hwmon = `${device}/hwmon/hwmon4`
const uuid = 'GPU-1a2b3c4d5e6f7081'
const latin1 = (bytes: Buffer): string => bytes.toString('latin1')

const identity = (folder: string, pci: string, id = '0x73bf'): Files => ({
  [`${folder}/vendor`]: '0x1002\n',
  [`${folder}/device`]: `${id}\n`,
  [`${folder}/uevent`]: `DRIVER=amdgpu\nPCI_SLOT_NAME=${pci}\n`,
})

/** A Radeon of RDNA 2. */
const radeon: Files = {
  ...identity(device, '0000:03:00.0'),
  [`${device}/unique_id`]: '1a2b3c4d5e6f7081\n',
  [`${device}/power/runtime_status`]: 'active\n',
  [`${hwmon}/name`]: 'amdgpu\n',
  [`${hwmon}/power1_average`]: '203000000\n',
  [`${hwmon}/temp1_label`]: 'edge\n',
  [`${hwmon}/temp1_input`]: '61000\n',
  [`${hwmon}/temp2_label`]: 'junction\n',
  [`${hwmon}/temp2_input`]: '78000\n',
  [`${hwmon}/temp3_label`]: 'mem\n',
  [`${hwmon}/temp3_input`]: '70000\n',
  [`${hwmon}/freq1_input`]: '2310000000\n',
  [`${hwmon}/freq2_input`]: '1000000000\n',
  [`${device}/gpu_busy_percent`]: '93\n',
  [`${device}/mem_busy_percent`]: '41\n',
  [`${device}/mem_info_vram_used`]: '5368709120\n',
  [`${device}/mem_info_vram_total`]: '17163091968\n',
  [`${device}/pp_dpm_sclk`]: '0: 500Mhz\n1: 2575Mhz *\n',
  [`${device}/current_link_speed`]: '16.0 GT/s PCIe\n',
  [`${device}/current_link_width`]: '16\n',
  // The driver counts packets for a second before it answers.
  [`${device}/pcie_bw`]: () => {
    throw new Error('pcie_bw was read')
  },
  [`${device}/gpu_metrics`]: latin1(
    table('1.3/120', { average_socket_power: 204, energy_accumulator: 1e6, indep_throttle_status: 0 }),
  ),
}

const readOnce = (sensor: PolledSensor, at: number): Record<string, number> => {
  const values: Record<string, number> = {}
  sensor.read(at, {
    put: (channel, _t, value) => (values[sensor.channels[channel]!.id.split('/').slice(2).join('/')] = value),
  })
  return values
}
const channelOf = (sensor: PolledSensor, name: string) => sensor.channels.find(({ id }) => id.endsWith(`/${name}`))

test('a card’s files in watts, degrees, megahertz and shares; hwmon before the table, and no watts twice', () => {
  const sensor = openAmdgpu(virtualHost({ files: radeon }))
  expect(readOnce(sensor, 1e8)).toEqual({
    'power-average': 203,
    temperature: 61,
    'temperature-junction': 78,
    'temperature-memory': 70,
    'clock-gfx': 2310,
    'clock-memory': 1000,
    utilization: expect.closeTo(0.93),
    'utilization-memory': expect.closeTo(0.41),
    'memory-used': 5 * 2 ** 30,
    'memory-total': 17163091968,
    'pcie-generation': 4,
    'pcie-width': 16,
    throttle: 0,
  })
  expect(channelOf(sensor, 'power-average')).toMatchObject({ scope: 'gpu', device: uuid, kind: 'average', grade: 'C' })
  // Nobody says what the energy counter of this revision counts in.
  expect(channelOf(sensor, 'energy')).toBeUndefined()
})

test('of a moment and an average the moment is taken, where it answers; without hwmon the table’s watts', () => {
  const powers = (files: Files): unknown => {
    const sensor = openAmdgpu(virtualHost({ files }))
    const values = readOnce(sensor, 1)
    return sensor.channels
      .filter(({ quantity }) => quantity === 'power')
      .map(({ id, kind }) => [kind, values[id.split('/')[2]!]])
  }
  expect(powers({ ...radeon, [`${hwmon}/power1_input`]: '240000000' })).toEqual([['gauge', 240]])
  const unsupported = () => {
    throw systemError('EOPNOTSUPP', 'power1_input')
  }
  expect(powers({ ...radeon, [`${hwmon}/power1_input`]: unsupported })).toEqual([['average', 203]])
  const { [`${hwmon}/power1_average`]: _, ...bare } = radeon
  expect(powers(bare)).toEqual([['average', 204]])
  expect(powers(instinct(() => ({ curr_socket_power: 541 })))).toEqual([['gauge', 540]])
  const { [`${hwmon}/power1_input`]: __, ...server } = instinct(() => ({ curr_socket_power: 541 }))
  expect(powers(server)).toEqual([['gauge', 541]])
})

/** An Instinct MI300X on Linux 6.14: no edge temperature, energy with a unit. */
const instinct = (fields: () => Record<string, number>): Files => ({
  ...identity(device, '0000:05:00.0', '0x74a1'),
  [`${hwmon}/name`]: 'amdgpu\n',
  [`${hwmon}/power1_input`]: '540000000\n',
  [`${hwmon}/temp2_label`]: 'junction\n',
  [`${hwmon}/temp2_input`]: '66000\n',
  [`${device}/gpu_metrics`]: () => latin1(table('1.7/2208', fields())),
})

test('energy of server cards in 2^-16 J, time in each limit from the firmware’s samples, XGMI bytes', () => {
  let [energy, ppt, samples, link] = [65536 * 1000, 0, 1000, 10]
  const files = instinct(() => ({
    curr_socket_power: 541,
    average_gfx_activity: 97,
    temperature_mem: 58,
    energy_accumulator: energy,
    accumulation_counter: samples,
    ppt_residency_acc: ppt,
    socket_thm_residency_acc: 7,
    xgmi_read_data_acc: link,
    current_gfxclk: 2100,
    pcie_bandwidth_inst: 12,
  }))
  const sensor = openAmdgpu(virtualHost({ files }))
  expect(sensor.channels.map(({ device: about }) => about)).toContain('0000:05:00.0')
  expect(readOnce(sensor, 0)).toMatchObject({ energy: 0, power: 540, utilization: 0.97 })
  ;[energy, ppt, samples, link] = [energy + 65536 * 54, 25, 1100, 2010]
  const second = readOnce(sensor, 1e8)
  expect(second).toMatchObject({ energy: 54, 'clock-gfx': 2100, 'pcie-rate': 12e9, 'temperature-memory': 58 })
  expect(second['xgmi-read']).toBe(2e6)
  expect(second['throttle-power']).toBeCloseTo(0.025)
  expect(second['throttle-thermal']).toBe(0)
  // No new sample: no new time, and none lost.
  expect(readOnce(sensor, 2e8)['throttle-power']).toBeCloseTo(0.025)
  ;[ppt, samples] = [125, 1300]
  expect(readOnce(sensor, 3e8)['throttle-power']).toBeCloseTo(0.125)
  expect(channelOf(sensor, 'energy')).toMatchObject({ grade: 'B', kind: 'counter', scope: 'gpu' })
  expect(channelOf(sensor, 'throttle')).toBeUndefined()
})

test('an energy counter that begins anew leaves one interval unknown', () => {
  let energy = 65536 * 100
  const sensor = openAmdgpu(virtualHost({ files: instinct(() => ({ energy_accumulator: energy })) }))
  const index = sensor.channels.indexOf(channelOf(sensor, 'energy')!)
  const got: (readonly [number, number])[] = []
  const read = (at: number, joules: number): void => {
    energy = 65536 * joules
    sensor.read(at, { put: (channel, t, value) => void (channel === index && got.push([t, value])) })
  }
  read(100, 100)
  read(200, 130)
  read(300, 5)
  read(400, 15)
  expect(got).toEqual([
    [100, 0],
    [200, 30],
    [299, Number.NaN],
    [300, 30],
    [400, 40],
  ])
})

test('the driver’s reasons come down to five', () => {
  const masks = { 0: 0x1, 7: 0x1, 17: 0x2, 23: 0x1, 34: 0x4, 44: 0x4, 47: 0x8, 57: 0x10 }
  for (const [bit, expected] of Object.entries(masks)) {
    const files = {
      ...radeon,
      [`${device}/gpu_metrics`]: latin1(table('1.3/120', { indep_throttle_status: 2 ** Number(bit) })),
    }
    expect(readOnce(openAmdgpu(virtualHost({ files })), 1)['throttle'], bit).toBe(expected)
  }
  const both = Buffer.from(table('1.3/120', {}))
  both.writeBigUInt64LE((1n << 57n) | 1n, 112)
  const files = { ...radeon, [`${device}/gpu_metrics`]: latin1(both) }
  expect(readOnce(openAmdgpu(virtualHost({ files })), 1)['throttle']).toBe(0x11)
})

/** A Ryzen with graphics (Strix Point). */
const apu: Files = {
  ...identity(device, '0000:c5:00.0', '0x150e'),
  [`${hwmon}/name`]: 'amdgpu\n',
  [`${hwmon}/in1_label`]: 'vddnb\n',
  [`${hwmon}/power1_input`]: '28000000\n',
  [`${hwmon}/temp1_label`]: 'edge\n',
  [`${hwmon}/temp1_input`]: '55000\n',
  [`${device}/gpu_metrics`]: latin1(
    table('3.0/264', { average_gfx_power: 9500, average_gfx_activity: 80, average_ipu_activity: 25 }),
  ),
}

test('an APU’s watts are its package’s, where RAPL’s lie; those of its graphics are within', () => {
  const sensor = openAmdgpu(virtualHost({ files: apu }))
  expect(channelOf(sensor, 'power')).toMatchObject({ scope: 'package', device: 'package-0' })
  expect(channelOf(sensor, 'power')).not.toHaveProperty('check')
  expect(sensor.lacks).toEqual([])
  expect(channelOf(sensor, 'power-gfx')).toMatchObject({ scope: 'uncore', parent: 'amdgpu/0000:c5:00.0/power' })
  expect(readOnce(sensor, 1)).toMatchObject({ power: 28, 'power-gfx': 9.5, utilization: 0.8, 'utilization-npu': 0.25 })
})

test('beside a graphics card the package power of an APU counts nowhere: it may hold the card’s', () => {
  const card = '/sys/class/drm/card0/device'
  const files = {
    ...apu,
    ...identity(card, '0000:01:00.0'),
    [`${card}/hwmon/hwmon1/name`]: 'amdgpu',
    [`${card}/hwmon/hwmon1/power1_average`]: '90000000',
  }
  const sensor = openAmdgpu(virtualHost({ files }))
  expect(sensor.channels.find(({ id }) => id === 'amdgpu/0000:c5:00.0/power')).toMatchObject({ check: true })
  expect(sensor.channels.find(({ id }) => id === 'amdgpu/0000:01:00.0/power-average')).not.toHaveProperty('check')
  expect(sensor.lacks).toContainEqual(expect.objectContaining({ what: 'amdgpu/0000:c5:00.0/power' }))
})

/** Counts the reads that would wake a card. */
function sleeping(files: Files): { host: VirtualHost; wakes: () => number; wake: () => void } {
  let status = 'suspended'
  let wakes = 0
  const guarded = Object.fromEntries(
    Object.entries(files).map(([path, content]) => [
      path,
      /(?:_input|_average|percent|used|total|dpm_\w+|link_\w+|gpu_metrics)$/.test(path)
        ? () => {
            if (status === 'suspended') wakes++
            return String(typeof content === 'function' ? content() : content)
          }
        : content,
    ]),
  ) as Files
  const host = virtualHost({ files: { ...guarded, [`${device}/power/runtime_status`]: () => status } })
  return { host, wakes: () => wakes, wake: () => void (status = 'active') }
}

test('a card that sleeps is never read; it says so, and is read from when it wakes', async () => {
  const { host, wakes, wake } = sleeping(radeon)
  expect(await amdgpu.open(host, {})).toMatchObject({ ok: true, note: expect.stringContaining('1 asleep') })
  const sensor = openAmdgpu(host)
  expect(sensor.lacks!.map(({ what }) => what)).toEqual([`amdgpu/${uuid}/gpu_metrics`, `amdgpu/${uuid}/awake`])
  const got: number[] = []
  const out = { put: (_channel: number, _t: number, value: number) => void got.push(value) }
  expect(() => sensor.read(1e8, out)).toThrow(/asleep/)
  expect(() => sensor.read(2e8, out)).toThrow(/asleep/)
  expect(wakes()).toBe(0)
  // What it draws asleep is unknown, not zero, and that is said once.
  expect(got).toEqual([Number.NaN])
  wake()
  expect(sensor.read(3e8, out)).toBe('ok')
  expect(readOnce(sensor, 4e8)).toMatchObject({ 'power-average': 203, utilization: 0.93 })
})

test('one card’s sleep does not keep the other from being read', () => {
  const card = '/sys/class/drm/card0/device'
  const files: Files = {
    ...radeon,
    ...identity(card, '0000:01:00.0'),
    [`${card}/power/runtime_status`]: 'suspended',
    [`${card}/hwmon/hwmon1/name`]: 'amdgpu',
    [`${card}/hwmon/hwmon1/power1_average`]: '90000000',
  }
  const sensor = openAmdgpu(virtualHost({ files }))
  const values: Record<string, number> = {}
  const out = { put: (channel: number, _: number, value: number) => (values[sensor.channels[channel]!.id] = value) }
  expect(sensor.read(1, out)).toBe('ok')
  expect(values[`amdgpu/${uuid}/power-average`]).toBe(203)
  expect(values['amdgpu/0000:01:00.0/power-average']).toBeNaN()
})

test('read faster than 50 times a second, only joules and watts are read', () => {
  const reads: string[] = []
  const files: Files = Object.fromEntries(
    Object.entries(radeon).map(([path, content]) => [
      path,
      typeof content === 'string' && !path.endsWith('pcie_bw') ? () => (reads.push(path), content) : content,
    ]),
  )
  const sensor = openAmdgpu(virtualHost({ files }))
  readOnce(sensor, 0)
  reads.length = 0
  expect(readOnce(sensor, 4e6)).toEqual({ 'power-average': 203 })
  expect(reads).toEqual([`${device}/power/runtime_status`, `${hwmon}/power1_average`])
  expect(Object.keys(readOnce(sensor, 20e6)).length).toBe(sensor.channels.length)
  // Where the table has the joules it is read each time.
  let energy = 0
  const server = openAmdgpu(virtualHost({ files: instinct(() => ({ energy_accumulator: (energy += 65536) })) }))
  readOnce(server, 0)
  expect(readOnce(server, 4e6)).toEqual({ power: 540, energy: expect.any(Number) })
})

test('EPERM, EBUSY and EINVAL while reading are no reading; the run goes on', () => {
  let failing = ''
  const files: Files = Object.fromEntries(
    Object.entries(radeon).map(([path, content]) => [
      path,
      () => {
        if (failing !== '' && path !== `${device}/power/runtime_status`) throw systemError(failing, path)
        return String(typeof content === 'function' ? '' : content)
      },
    ]),
  )
  const sensor = openAmdgpu(virtualHost({ files }))
  for (const [index, code] of ['EPERM', 'EBUSY', 'EINVAL'].entries()) {
    failing = code
    expect(sensor.read(index * 1e9, { put: () => expect.unreachable(code) })).toBe('retry')
    failing = ''
    expect(readOnce(sensor, index * 1e9 + 1e8)).toMatchObject({ 'power-average': 203, throttle: 0 })
  }
})

test('garbage in the files is not listed, and later is left out', () => {
  const files: Files = {
    ...radeon,
    [`${hwmon}/power1_average`]: '-5\n',
    [`${hwmon}/temp3_input`]: 'N/A\n',
    [`${device}/gpu_busy_percent`]: '250\n',
    [`${device}/current_link_speed`]: 'Unknown\n',
  }
  const sensor = openAmdgpu(virtualHost({ files }))
  for (const name of ['temperature-memory', 'utilization', 'pcie-generation'])
    expect(channelOf(sensor, name), name).toBeUndefined()
  // The table has watts.
  expect(readOnce(sensor, 1)['power-average']).toBe(204)
  const whole = { ...radeon }
  const later = openAmdgpu(virtualHost({ files: whole }))
  whole[`${hwmon}/power1_average`] = ''
  whole[`${device}/gpu_metrics`] = latin1(table('1.3/120', { average_socket_power: 204 })).slice(0, 50)
  const values = readOnce(later, 1)
  expect(values).not.toHaveProperty('power-average')
  expect(values).not.toHaveProperty('throttle')
  expect(values).toHaveProperty('temperature', 61)
})

test('a table with a layout that is not known says so and the files are read all the same', () => {
  const bytes = Buffer.alloc(200)
  bytes.writeUInt16LE(200, 0)
  bytes.writeUInt8(4, 2)
  const sensor = openAmdgpu(virtualHost({ files: { ...radeon, [`${device}/gpu_metrics`]: latin1(bytes) } }))
  expect(sensor.lacks).toEqual([
    expect.objectContaining({
      what: `amdgpu/${uuid}/gpu_metrics`,
      reason: expect.stringContaining('revision 4.0, 200 bytes'),
    }),
  ])
  expect(readOnce(sensor, 1)).toMatchObject({ 'power-average': 203 })
})

test('bytes that look like spaces at the ends of the table are kept', () => {
  const bytes = table('1.3/120', { indep_throttle_status: 0 })
  bytes.fill(0x20, 112, 120)
  const files = { ...radeon, [`${device}/gpu_metrics`]: latin1(bytes) }
  // Bits 5, 21, 37, 45 and 53 among others: power, current, temperature.
  expect(readOnce(openAmdgpu(virtualHost({ files })), 1)['throttle']).toBe(0x7)
})

test('a card that is unplugged ends its own channels, and the last one the sensor', () => {
  const machine = { ...radeon }
  const host = virtualHost({ files: machine })
  const sensor = openAmdgpu(host)
  expect(sensor.read(1, { put: () => undefined })).toBe('ok')
  for (const path of Object.keys(machine)) delete machine[path]
  expect(sensor.read(2e9, { put: () => undefined })).toBe('ended')
  expect(sensor.read(3e9, { put: () => undefined })).toBe('ended')
})

test('the process’ part of the card, and that ROCm goes past the driver’s account', () => {
  let gfx = 0
  const files: Files = {
    ...radeon,
    '/dev/kfd': '',
    '/proc/42/fdinfo/3': () =>
      `drm-pdev: 0000:03:00.0\ndrm-client-id: 9\ndrm-engine-gfx: ${(gfx += 5e7)} ns\ndrm-memory-vram: 2 MiB\n`,
  }
  const watched = new SharedArrayBuffer(16)
  new Int32Array(watched)[0] = 42
  const host = virtualHost({ files, links: { '/proc/42/fd/3': '/dev/dri/renderD128' } })
  const sensor = openAmdgpu(host, { watched })
  readOnce(sensor, 0)
  expect(readOnce(sensor, 1e8)).toMatchObject({ 'process-utilization': 0.5, 'process-memory': 2 ** 21 })
  expect(channelOf(sensor, 'process-utilization')).toMatchObject({ scope: 'process', device: uuid })
  expect(sensor.lacks).toEqual([expect.objectContaining({ what: `amdgpu/${uuid}/process-utilization` })])
})

test('without a card, with another driver, and elsewhere the probe says what to do', async () => {
  expect(await amdgpu.open(virtualHost(), {})).toMatchObject({ ok: false, reason: 'there is no AMD GPU on this host' })
  const old = { ...radeon, [`${device}/uevent`]: 'DRIVER=radeon\nPCI_SLOT_NAME=0000:03:00.0\n' }
  expect(await amdgpu.open(virtualHost({ files: old }), {})).toMatchObject({
    ok: false,
    remedy: 'use the driver amdgpu',
  })
  expect(await amdgpu.open(virtualHost({ platform: 'darwin' }), {})).toMatchObject({ ok: false })
  expect(await amdgpu.open(virtualHost({ files: radeon }), {})).toMatchObject({
    ok: true,
    note: '1 GPU: AMD GPU 1002:73bf',
  })
})
