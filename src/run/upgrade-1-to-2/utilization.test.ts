import { expect, test } from 'vitest'
import { upgrade1To2 } from '../upgrade-1-to-2.ts'

test('utilisation is spelt with a z wherever programs read it', () => {
  const share = { value: 0.5 }
  expect(
    upgrade1To2({
      utilisation: {
        host_busy: share,
        devices: [{ device: 'g', figures: { utilisation: share, sm_utilisation: share, sm_occupancy: share } }, 5],
      },
      unmeasured: [{ what: 'utilisation', reason: 'no utilisation' }, { what: 'nvml/g/process-utilisation' }, 5],
      channels: [{ id: 'acme/utilisation', quantity: 'utilisation' }],
      later: { utilisation: 1 },
    }),
  ).toEqual({
    utilization: {
      host_busy: share,
      devices: [{ device: 'g', figures: { utilization: share, sm_utilization: share, sm_occupancy: share } }, 5],
    },
    // An id stays what it was: it is for people, and nothing is read out of it.
    unmeasured: [{ what: 'utilization', reason: 'no utilisation' }, { what: 'nvml/g/process-utilisation' }, 5],
    channels: [{ id: 'acme/utilisation', quantity: 'utilization' }],
    later: { utilisation: 1 },
  })
  expect(upgrade1To2({ utilisation: null })).toEqual({ utilization: null })
})
