import { describe, expect, test } from 'vitest'
import { energyRun } from '../../../test/fixtures/energy-run.mjs'
import type { RunDocument } from '../../run/document.ts'
import type { EnergyStep } from '../../run/sections/energy.ts'
import { analyse } from '../analyse.ts'

const documentOf = (machine: Parameters<typeof energyRun>[0]): RunDocument => analyse(energyRun(machine))
const step = ({ energy }: RunDocument, level: EnergyStep['level']): EnergyStep =>
  energy.chain!.find((each) => each.level === level)!

describe('the chain', () => {
  const server = documentOf('server')

  test('goes from outside in, each step with what the next measured one does not show', () => {
    expect(server.energy.chain!.map(({ level }) => level)).toEqual([
      'wall',
      'platform',
      'devices',
      'process',
      'inference',
    ])
    const [wall, devices, process] = [step(server, 'wall'), step(server, 'devices'), step(server, 'process')]
    expect(wall.unaccounted!.value).toBeCloseTo(wall.joules!.value! - devices.joules!.value!, 6)
    expect(devices.unaccounted!.value).toBeCloseTo(devices.joules!.value! - process.joules!.value!, 6)
    expect(process.unaccounted).toBeNull()
  })

  test('the interval of a residual: statistical parts squared, systematic ones added', () => {
    const [wall, devices] = [step(server, 'wall'), step(server, 'devices')]
    const { low, high, statistical, systematic } = wall.unaccounted!
    expect(statistical).toBeCloseTo(Math.hypot(wall.joules!.statistical!, devices.joules!.statistical!), 6)
    expect(systematic).toBeCloseTo(wall.joules!.systematic! + devices.joules!.systematic!, 6)
    expect(high! - low!).toBeCloseTo(2 * (statistical! + systematic!), 6)
    // 560 W and 190 W at the socket against 519 W and 118 W of devices, less 95 W against 90 W when hot.
    expect(low!).toBeLessThan(3000)
    expect(high!).toBeGreaterThan(3000)
  })

  test('a step is the sum of its parts, and no part counts twice', () => {
    const { joules, parts } = step(server, 'devices')
    expect(parts.reduce((sum, part) => sum + part.joules.value!, 0)).toBeCloseTo(joules!.value!, 6)
    expect(parts.map(({ scope }) => scope)).toEqual(['package', 'dram', 'gpu'])
  })

  test('the process is the target’s shares; tailwatt’s own stands beside them', () => {
    const { joules, parts } = step(server, 'process')
    const own = parts.filter(({ kind }) => kind === 'target')
    expect(own).toHaveLength(2)
    expect(parts).toHaveLength(3)
    expect(own.reduce((sum, part) => sum + part.joules.value!, 0)).toBeCloseTo(joules!.value!, 6)
    expect(joules!.basis).toBe('net')
  })

  test('an inference has its energy of the outermost, above idle, and of the process', () => {
    const { joules, parts } = step(server, 'inference')
    expect(joules).toEqual(server.energy.per_inference_j)
    expect(parts.map(({ kind }) => kind)).toEqual(['gross', 'net', 'target'])
    expect(parts[1]!.joules).toEqual(server.energy.net_per_inference_j)
  })
})

test('what was not measured has no joules, but a reason and a remedy', () => {
  const nothing = documentOf('nothing').energy.chain!
  expect(nothing.map(({ joules }) => joules)).toEqual(nothing.map(() => null))
  for (const { missing } of nothing) expect(missing!.reason.length * missing!.remedy.length).toBeGreaterThan(0)
  // The sensor's own reason goes before a general one.
  expect(nothing.find(({ level }) => level === 'devices')!.missing!.reason).toContain('RAPL is not readable')
})

test('an estimate is a range of grade D with no residual, and joins no sum', () => {
  const devices = step(documentOf('estimate'), 'devices')
  expect(devices.joules).toMatchObject({ value: null, grade: 'D' })
  expect(devices.unaccounted).toBeNull()
  expect(step(documentOf('estimate'), 'process').joules).toBeNull()
})

test('a meter alone leaves all of it to no step', () => {
  const meter = documentOf('meter')
  expect(step(meter, 'wall').joules).toEqual(meter.energy.total_j)
  expect(step(meter, 'wall').unaccounted).toBeNull()
  expect(step(meter, 'devices').joules).toBeNull()
})
