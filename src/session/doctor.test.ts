// What the doctor says on machines as there are: which sources work, and of each that does not why and what would help.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  amdDesktop,
  bareMachine,
  h100Server,
  intelServer,
  laptop,
  machines,
} from '../../test/fixtures/hosts/machines.ts'
import { virtualHost, type VirtualMachine } from '../host/virtual-host.ts'
import { doctorTable } from '../terminal/listings.ts'
import { columns, style } from '../terminal/style.ts'
import { doctor, type DoctorRow } from './doctor.ts'

/** Sources whose answer is about the host: not about what is installed, or listens, beside the tests. */
const ofHost = ({ id }: DoctorRow): boolean => !['onnxruntime-node', 'koffi', 'dcgm', 'ceilings'].includes(id)

async function said(machine: VirtualMachine): Promise<Readonly<Record<string, DoctorRow>>> {
  const rows = await doctor(virtualHost(machine))
  return Object.fromEntries(rows.filter(ofHost).map((row) => [row.id, row]))
}
const working = (rows: Readonly<Record<string, DoctorRow>>): readonly string[] =>
  Object.values(rows)
    .filter(({ ok }) => ok)
    .map(({ id }) => id)
    .sort()

/** On every Linux. */
const always = ['clock', 'cpu-quota', 'model', 'procfs']

test('an Intel server with rights: counters by PMU and powercap, the board’s meter, monitors, clocks and throttling', async () => {
  const rows = await said(intelServer())
  expect(working(rows)).toEqual([...always, 'acpi-meter', 'cpufreq', 'hwmon', 'perf-event', 'rapl', 'thermal'].sort())
  // Two packages with memory each and the platform; what TPMI shows a second time is not counted.
  expect(rows['rapl']).toEqual({
    id: 'rapl',
    gives: 'energy of CPU packages, cores and memory (grade B)',
    ok: true,
    reason: 'perf PMU, 5 domains; powercap beside it as a check, 5 zones',
    remedy: null,
  })
  expect(rows['acpi-meter']!.reason).toBe('the whole machine, averaged over 1 s, ±3 %')
  expect(rows['hwmon']!.reason).toBe('coretemp, nvme')
  expect(rows['cpufreq']!.reason).toBe('clocks (intel_pstate); throttle counters')
  expect(rows['battery']).toMatchObject({ ok: false, reason: 'this machine has no battery' })
})

test('the same server without rights: what is lacking is named, and each way to it', async () => {
  const rows = await said(intelServer({ root: false }))
  expect(rows['rapl']).toMatchObject({
    ok: false,
    reason: '/sys/class/powercap/intel-rapl:0/energy_uj cannot be read (EACCES)',
    remedy: 'sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj, or sudo sysctl kernel.perf_event_paranoid=0',
  })
  // The board's meter needs no right, so the machine's power is there all the same.
  expect(rows['acpi-meter']!.ok).toBe(true)
  expect(rows['perf-event']).toMatchObject({ ok: true, reason: expect.stringContaining('user mode only') })
})

test('an AMD desktop: RAPL without memory, the card, Tdie or Tctl; no throttle counters', async () => {
  const rows = await said(amdDesktop())
  expect(working(rows)).toEqual([...always, 'amdgpu', 'cpufreq', 'hwmon', 'perf-event', 'rapl'].sort())
  expect(rows['rapl']!.reason).toBe('powercap, 2 zones')
  expect(rows['hwmon']!.reason).toBe('k10temp, amd_energy, nvme; 1 of power or energy')
  expect(rows['cpufreq']!.reason).toMatch(/amd-pstate-epp.*no throttle counters: only Intel’s/)
  expect(rows['acpi-meter']).toMatchObject({ ok: false, remedy: 'use an external meter: --sensors +shelly:ADDRESS' })
})

test('an H100 server: both GPUs, their activity, and what keeps the processor’s energy back', async () => {
  const rows = await said(h100Server())
  expect(rows['nvml']).toMatchObject({ ok: true, reason: '2 GPUs: NVIDIA H100 80GB HBM3, driver 580.95.05' })
  expect(rows['gpm']).toMatchObject({ ok: true, reason: '2 of 2 GPUs' })
  expect(rows['rapl']!.ok).toBe(false)
  expect(rows['amdgpu']!.ok).toBe(false)
})

test('a laptop on its battery is its own meter; on mains it says why not', async () => {
  const rows = await said(laptop())
  expect(working(rows)).toEqual(
    [...always, 'battery', 'cpufreq', 'hwmon', 'intel-gpu', 'perf-event', 'rapl', 'thermal'].sort(),
  )
  expect(rows['battery']!.reason).toMatch(/^BAT0, 2\d\.\d W now, ±5 % assumed$/)
  expect(rows['rapl']!.reason).toBe('powercap, 4 zones')
  expect(rows['thermal']!.reason).toBe('acpitz, TCPU')
  const plugged = await said(laptop({ onMains: true }))
  expect(plugged['battery']).toMatchObject({
    ok: false,
    reason: 'the machine is on mains (battery: charging), so the battery’s flow is not its power',
    remedy: 'unplug the power supply before measuring, or use an external meter: --sensors +shelly:ADDRESS',
  })
})

test('a bare virtual machine has an estimate and says of everything else why and what would help', async () => {
  const rows = await said(bareMachine())
  expect(working(rows)).toEqual([...always, 'perf-event'].sort())
  expect(rows['model']!.reason).toMatch(/satisfies no rule/)
  expect(rows['rapl']!.reason).toMatch(/virtual machine/)
  expect(rows['cpufreq']!.reason).toMatch(/virtual machine/)
  expect(rows['nvml']!.reason).toBe('there is no NVIDIA driver on this host')
  expect(rows['gpm']!.reason).toBe('there is no NVIDIA driver on this host')
})

describe.each(Object.entries(machines))('on %s', (_, machine) => {
  test('every row has the five keys; a no has a reason and a remedy, a yes no remedy', async () => {
    for (const row of await doctor(virtualHost(machine()))) {
      expect(Object.keys(row)).toEqual(['id', 'gives', 'ok', 'reason', 'remedy'])
      if (row.ok) expect(row.remedy).toBeNull()
      else expect([row.reason, row.remedy].every((text) => text !== null && text !== '')).toBe(true)
    }
  })

  test.each([60, 80, 120])(
    'the table at %d columns keeps within them, what works first, each source once',
    async (width) => {
      const rows = await doctor(virtualHost(machine()))
      const lines = doctorTable(rows, style(false, width)).trimEnd().split('\n')
      // A path, a name or an address is not broken.
      for (const line of lines)
        if (line.trim().replace(/^→ /, '').includes(' ')) expect(columns(line)).toBeLessThanOrEqual(width)
      const ids = lines.flatMap((line) => /^ {2}([\w-]+) /.exec(line)?.[1] ?? [])
      const order = [...rows.filter(({ ok }) => ok), ...rows.filter(({ ok }) => !ok)].map(({ id }) => id)
      expect(ids).toEqual(order)
      expect(lines.filter((line) => /^ +→ /.test(line))).toHaveLength(rows.filter(({ ok }) => !ok).length)
      expect(lines.filter((line) => /^\w/.test(line))).toEqual(['Works on this host', 'Does not, and what would help'])
    },
  )
})

test('of a sensor of the user’s it repeats no secret that it declares', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tailwatt-doctor-'))
  const path = join(folder, 'meter.mjs')
  writeFileSync(
    path,
    `export const provider = {
      id: 'meter', summary: '', gives: { text: 'watts', what: 'system_w' }, secrets: ['METER_KEY'],
      open: async (host) => ({ ok: false, reason: '401: ' + host.env('TAILWATT_METER_KEY') + ' refused', remedy: 'none' }),
    }`,
  )
  try {
    const env = { TAILWATT_SENSORS: `+${path}`, TAILWATT_METER_KEY: 'a-long-s3cret' }
    const rows = await doctor(virtualHost({ ...bareMachine(), env }))
    const reason = rows.find(({ gives }) => gives === 'watts')!.reason!
    expect(reason).toMatch(/^401: .* refused$/)
    expect(reason).not.toContain('s3cret')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
