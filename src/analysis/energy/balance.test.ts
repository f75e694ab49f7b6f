// Nothing is counted twice: what a machine's meters show, drawn, and what of it is the whole.
import { expect, test } from 'vitest'
import { analysed } from '../../../test/fixtures/drawn-power.ts'

/** Watts of system, CPU and GPU; joules of all; channels these are from. */
function sums(picture: string, more: { readonly rhythm?: number } = {}) {
  const { power, energy } = analysed(picture, more)
  const rounded = (value: number | null | undefined): number | undefined =>
    typeof value === 'number' ? Number(value.toFixed(6)) : undefined
  return {
    system: rounded(power.system_w?.value),
    cpu: rounded(power.cpu_w?.value),
    gpu: rounded(power.gpu_w?.value),
    joules: rounded(energy.total_j?.value),
    of: energy.parts!.map(({ channel }) => channel),
  }
}

test('the platform holds the package, the package its cores; memory is beside it', () => {
  const machine = `
    psys  psys     J  100
    p     package  J  60   parent=psys
    c     core     J  40   parent=p
    d     dram     J  10
  `
  expect(sums(machine)).toEqual({ system: 100, cpu: 70, gpu: undefined, joules: 800, of: ['psys'] })
})

test('a module holds its processor and its GPU, whichever sensor speaks for the module', () => {
  const machine = `
    nvml/module-power  module/a   W    500
    acpi-meter/m       module/m   avg  501
    acpi-meter/g       package/g  avg  110  parent=acpi-meter/m
  `
  expect(sums(machine)).toMatchObject({ cpu: 110, joules: 4000, of: ['nvml/module-power'] })
  expect(
    sums(`
      m  module/a  J  500
      g  gpu/a     J  350
    `),
  ).toMatchObject({ gpu: 350, joules: 4000, of: ['m'] })
})

test('Grace Hopper’s module holds its socket and the GPU that the driver shows, whichever sensor reads it', () => {
  const machine = `
    acpi-meter/m      module/Module-Power-Socket-0  W  500
    acpi-meter/grace  package/Grace-Power-Socket-0  W  110  parent=acpi-meter/m
    nvml/g            gpu/GPU-a                     J  360
    nvml/module       module/GPU-a                  W  501
  `
  expect(sums(machine)).toMatchObject({ cpu: 110, gpu: 360, joules: 4000, of: ['acpi-meter/m'] })
  expect(analysed(machine).energy.checks!.map(({ kind, what, against }) => [kind, what, against])).toContainEqual([
    'within',
    ['acpi-meter/grace', 'nvml/g'],
    ['acpi-meter/m'],
  ])
})

test('a graphics card beside a platform counter that is too small for it is added', () => {
  const machine = `
    s  psys     J  80
    p  package  J  60   parent=s
    g  gpu/a    J  300
  `
  expect(sums(machine)).toMatchObject({ system: 380, joules: 3040, of: ['s', 'g'] })
})

test('a counter goes before the power of the same device', () => {
  const machine = `
    e  gpu/a  J  300
    w  gpu/a  W  200
    v  gpu/b  W  200
  `
  expect(sums(machine)).toMatchObject({ gpu: 500, of: ['e', 'v'] })
  expect(analysed(machine).power.gpu_w!.grade).toBe('C')
})

test('a watt-hour counter is left for the watts of the same meter; so is a battery’s of whole steps', () => {
  const rhythm = 1e7
  expect(
    sums(
      `
      meter/wh  wall/plug  J  100  step=360 period_ms=1000
      meter/w   wall/plug  W  100  period_ms=1000
      `,
      { rhythm },
    ),
  ).toMatchObject({ system: 100, of: ['meter/w'] })
  expect(
    sums(
      `
      battery/power   system  W  20  systematic=0.05 period_ms=1000
      battery/energy  system  J  20  systematic=0.05 period_ms=1000 step=36
      `,
      { rhythm },
    ),
  ).toMatchObject({ system: 20, of: ['battery/power'] })
})

test('an APU’s watts are its package’s: they stand in for RAPL, never beside it, and its graphics lie within', () => {
  const apu = `
    amdgpu/a/power      package/package-0  W  30
    amdgpu/a/power-gfx  uncore/a           W  12  parent=amdgpu/a/power
  `
  expect(sums(apu)).toEqual({ system: undefined, cpu: 30, gpu: undefined, joules: 240, of: ['amdgpu/a/power'] })
  const both = `
    rapl/package-0  package/package-0  J  29
    ${apu}
  `
  expect(sums(both)).toMatchObject({ cpu: 29, joules: 232, of: ['rapl/package-0'] })
  expect(analysed(both).energy.checks).toContainEqual(
    expect.objectContaining({ kind: 'same', what: ['amdgpu/a/power'], against: ['rapl/package-0'] }),
  )
})

test('of a card’s joules those of its chip are a part', () => {
  const machine = `
    card  gpu/a   J  190
    chip  zone/a  J  150  parent=card
  `
  expect(sums(machine)).toMatchObject({ gpu: 190, joules: 1520, of: ['card'] })
})

test('two dies that mirror one counter are one package; two packages are two', () => {
  const dies = `
    a  package/package-0-die-0  J  60
    b  package/package-0-die-1  J  60
  `
  expect(sums(dies).cpu).toBe(60)
  expect(sums(dies.replaceAll('-die-0', '').replaceAll('0-die-1', '1')).cpu).toBe(120)
})

const firmware = 'acpi-meter/system  system  avg  600  window_ms=1000 systematic=0.03'

test('the firmware’s meter is the system’s power: what lies within it is compared, never added', () => {
  const machine = `
    ${firmware}
    rapl/psys  psys/psys          J  260
    rapl/p0    package/package-0  J  200  parent=rapl/psys
    nvml/g     gpu/a              J  250
    hwmon/rail zone/ina226        W  33
  `
  expect(sums(machine)).toEqual({ system: 600, cpu: 200, gpu: 250, joules: 4800, of: ['acpi-meter/system'] })
  const { power, energy } = analysed(machine)
  expect(power.system_w).toMatchObject({ grade: 'C', scope: 'system', sources: ['acpi-meter/system'] })
  expect(power.system_w!.systematic).toBeCloseTo(18, 6)
  expect(energy.checks!.map(({ what, against, agrees }) => [what, against, agrees])).toEqual([
    [['rapl/p0'], ['rapl/psys'], true],
    // The platform counter is too small for the card, which is beside it.
    [['rapl/psys', 'nvml/g'], ['acpi-meter/system'], true],
  ])
})

test('two meters of the whole machine are one machine: one speaks, the other checks it', () => {
  const machine = `
    ${firmware.replace('600', '30')}
    battery/power  system  W  31  systematic=0.05 period_ms=1000
  `
  expect(sums(machine, { rhythm: 1e7 })).toMatchObject({ system: 31, joules: 248, of: ['battery/power'] })
  expect(analysed(machine, { rhythm: 1e7 }).energy.checks).toEqual([
    expect.objectContaining({ kind: 'same', what: ['acpi-meter/system'], against: ['battery/power'], agrees: true }),
  ])
})

test('a window too short for the outermost meter is left to the devices, and the meter’s figure says so', () => {
  const { power, energy, unmeasured } = analysed(`
    ${firmware.replace('600', '300')}
    p  package/package-0  J  80
    window                     ..........======..................................
  `)
  expect(power.system_w!.value).toBeNull()
  expect(unmeasured.find((row) => row.what === 'system_w')!.reason).toMatch(/below resolution/)
  expect(energy.total_j).toMatchObject({ scope: 'package', sources: ['p'] })
  expect(energy.total_j!.value).toBeCloseTo(96, 6)
  expect(energy.parts!.map(({ channel }) => channel)).toEqual(['p'])
})
