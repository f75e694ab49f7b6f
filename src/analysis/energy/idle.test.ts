// What the machine draws without the load, and what the load adds to it.
import { expect, test } from 'vitest'
import { analysed } from '../../../test/fixtures/drawn-power.ts'
import { hasCaution } from '../../run/caution.ts'

test('idle is measured before and after; net is what the load adds, in the same document as gross', () => {
  const { energy } = analysed(
    `
    p  package  J  ______########______  _=40 #=100 systematic=0.05
    idle           .====..........====.
    window         .......======.......
    `,
    { inferences: 30 },
  )
  expect(energy.per_inference_j).toMatchObject({ basis: 'gross' })
  expect(energy.per_inference_j!.value).toBeCloseTo(10, 6)
  expect(energy.idle_w!.value).toBeCloseTo(40, 6)
  expect(energy.net_per_inference_j).toMatchObject({ basis: 'net' })
  expect(energy.net_per_inference_j!.value).toBeCloseTo(6, 6)
  expect(energy.net_per_inference_j!.cautions).toBeUndefined()
  // A gain error is a share of what remains.
  expect(energy.net_per_inference_j!.systematic).toBeCloseTo(0.3, 6)
})

test('idle read from the watts of the meter whose counter gave the load is idle of that meter', () => {
  // Steps of 100 J: fine enough for the load, too coarse for a second of idle.
  const { energy } = analysed(
    `
    shelly/a/energy  wall/a  J  ___#############____  _=40 #=5000 grade=A period_ms=100 step=100
    shelly/a/power   wall/a  W  ___#############____  _=40 #=5000 grade=A period_ms=100
    idle                        .==..............==.
    window                      ....===========.....
    `,
    { inferences: 55 },
  )
  expect(energy.total_j!.sources).toEqual(['shelly/a/energy'])
  expect(energy.idle_w).toMatchObject({ sources: ['shelly/a/power'], value: expect.closeTo(40, 6) })
  expect(energy.net_per_inference_j!.value).toBeCloseTo(energy.per_inference_j!.value! - 4, 6)
})

test('idle phases too short for the meter give no idle of it, and a row that says why', () => {
  const { energy, unmeasured } = analysed(`
    meter  wall     W  101  period_ms=1500 grade=B
    p      package  J  60
    idle               ====................
    window             ......============..
  `)
  expect(energy.total_j!.scope).toBe('wall')
  expect(energy.idle_w).toBeNull()
  expect(energy.net_per_inference_j).toBeNull()
  expect(unmeasured.find(({ what }) => what === 'idle_w')!.reason).toMatch(/from p, the load from meter/)
})

test('idle at a moving temperature is cautioned, and so is the net', () => {
  const { energy } = analysed(`
    p  package  J     50
    t  package  degC  __________aabbccddee  _=40 a=78 b=74 c=70 d=66 e=62
    idle              .====..........====.
    window            ......========......
  `)
  expect(hasCaution(energy.idle_w!, 'idle-not-steady')).toBe(true)
  expect(hasCaution(energy.net_per_inference_j!, 'idle-not-steady')).toBe(true)
})

test('a drive that warms up does not make idle unsteady where the processor stood still', () => {
  const { energy } = analysed(`
    p     package  J     50
    cpu   package  degC  45
    nvme  zone     degC  aabbccddeeffgghhiijj  a=30 b=32 c=34 d=36 e=38 f=40 g=42 h=44 i=46 j=48
    idle                 .====..........====.
    window               ......========......
  `)
  expect(energy.idle_w!.cautions).toBeUndefined()
})

test('without idle phases net is null, with a reason', () => {
  const { energy, unmeasured } = analysed('p  package  J  50')
  expect(energy.net_per_inference_j).toBeNull()
  expect(unmeasured.find((row) => row.what === 'idle_w')).toMatchObject({ remedy: expect.stringContaining('--idle') })
})
