import { expect, test } from 'vitest'
import { monitors, thermalZones } from '../../../test/fixtures/hosts/files.ts'
import { systemError, virtualHost } from '../../host/virtual-host.ts'
import { openThermal, thermal } from './thermal.ts'

test('zones are known by their types; those that measure nothing are left out', async () => {
  const files = thermalZones(
    ['acpitz', 52_300],
    ['acpitz', 48_000],
    ['INT3400 Thermal', 20_000],
    ['SEN2', 50],
    ['TCPU', 63_000],
    ['iwlwifi_1', systemError('ENODATA', 'temp')],
    ['unplugged', -273_000],
    ['cpu-thermal', 45_078],
  )
  const sensor = openThermal(virtualHost({ files }))!
  const values: number[] = []
  sensor.read(0, { put: (index, _, value) => (values[index] = value) })
  expect(sensor.channels.map(({ id, scope }, i) => [id, scope, values[i]])).toEqual([
    ['thermal/acpitz/temperature', 'zone', 52.3],
    ['thermal/acpitz-2/temperature', 'zone', 48],
    ['thermal/TCPU/temperature', 'package', 63],
    ['thermal/cpu-thermal/temperature', 'package', 45.078],
  ])
  expect(await thermal.open(virtualHost({ files }), {})).toMatchObject({
    ok: true,
    note: 'acpitz, acpitz-2, TCPU, cpu-thermal',
  })
})

test('the package’s zone is read where its monitor is not', () => {
  const zones = thermalZones(['x86_pkg_temp', 61_000])
  expect(openThermal(virtualHost({ files: zones }))!.channels).toHaveLength(1)
  const both = { ...zones, ...monitors({ name: 'coretemp', temp1_label: 'Package id 0', temp1_input: 61_000 }) }
  expect(openThermal(virtualHost({ files: both }))).toBeUndefined()
})

test('zones that give nothing of their own are named', async () => {
  const files = thermalZones(['INT3400 Thermal', 20_000], ['SEN1', 0])
  expect(await thermal.open(virtualHost({ files }), {})).toMatchObject({
    ok: false,
    reason: 'INT3400 Thermal, SEN1 give no temperature of their own',
  })
})
