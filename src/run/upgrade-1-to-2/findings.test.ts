import { expect, test } from 'vitest'
import { upgrade1To2 } from '../upgrade-1-to-2.ts'

test('two findings and the share of the excess have other names, wherever they stand', () => {
  const evidence = { device: 'd', rise_share: 0.9 }
  expect(
    upgrade1To2({
      thermal: { coincidence: { free_s: 4, rise_share: 0.5 } },
      findings: [{ id: 'two-modes', title: 't' }, { id: 'load-in-step' }, { id: 'thermal-throttle', evidence }, 5],
    }),
  ).toEqual({
    thermal: { coincidence: { free_s: 4, excess_share: 0.5 } },
    findings: [
      { id: 'bimodal-latency', title: 't' },
      { id: 'sensor-aliasing' },
      { id: 'thermal-throttle', evidence: { device: 'd', excess_share: 0.9 } },
      5,
    ],
  })
})
