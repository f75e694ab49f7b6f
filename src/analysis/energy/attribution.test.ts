import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { analysed } from '../../../test/fixtures/drawn-power.ts'

test('where a GPU tells only how long it was awake, the process’ part is of that', () => {
  const [row] = analysed(`
    intel-gpu/a/energy               gpu/a      J      100
    intel-gpu/a/active               gpu/a      ratio  0.8  role=active
    intel-gpu/a/process-utilization  process/a  ratio  0.4  role=utilization subject=target
  `).energy.attributed!
  expect(row!.share.value).toBeCloseTo(0.5, 6)
  expect(row!.joules.value).toBeCloseTo(400, 6)
})

const cores = fc.double({ min: 0, max: 8, noNaN: true })
const watts = fc.double({ min: 1, max: 500, noNaN: true })

test('parts add up to the whole, and processes to no more than their device', () => {
  fc.assert(
    fc.property(watts, fc.array(watts, { minLength: 1, maxLength: 4 }), cores, cores, (cpu, gpus, target, self) => {
      const { energy } = analysed(`
        cpu                package/package-0  J  ${cpu}
        ${gpus.map((gpu, i) => `gpu-${i}  gpu/gpu-${i}  J  ${gpu}`).join('\n')}
        procfs/host/busy   host               s  4                   role=cpu-time subject=host
        procfs/target/cpu  process            s  ${target.toFixed(6)}  role=cpu-time subject=target
        procfs/self/cpu    process            s  ${self.toFixed(6)}  role=cpu-time subject=tailwatt
      `)
      const sum = energy.parts!.reduce((total, part) => total + part.joules.value!, 0)
      expect(Math.abs(sum - energy.total_j!.value!)).toBeLessThan(1e-9 * sum)
      const attributed = energy.attributed!.reduce((total, row) => total + row.joules.value!, 0)
      expect(attributed).toBeLessThanOrEqual(8 * cpu * (1 + 1e-9))
      if (target + self <= 4) expect(energy.attributed![0]!.share.value).toBeCloseTo(target / 4, 5)
    }),
    { numRuns: 50 },
  )
})
