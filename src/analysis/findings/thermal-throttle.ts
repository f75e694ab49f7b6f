// A device that was held back, by heat or by a power limit, and whether the slow seconds were those.
import type { ThermalSection } from '../../run/sections/hardware.ts'
import { percent, type FindingRule } from './finding.ts'

/** Share of the window below which throttling is no finding. */
const least = 0.01

export const thermalThrottle: FindingRule = {
  id: 'thermal-throttle',
  title: 'The hardware was throttled',
  explain:
    'A GPU or a CPU lowered its clocks because it was too hot or at its power limit. Service times of such seconds are set beside ' +
    'those of the others; that both happened together is a coincidence until a run without throttling shows otherwise. Cool ' +
    'the device, raise its power limit, or measure longer so that the throttled state is the steady one.',
  find({ document }) {
    const { thermal } = document
    const rows = (thermal?.throttled ?? []).filter((row) => (row.share?.value ?? (row.times ?? 0) / 100) > least)
    const [worst] = [...rows].sort(
      (a, b) => Number(b.thermal) - Number(a.thermal) || (b.share?.value ?? 0) - (a.share?.value ?? 0),
    )
    if (!thermal || !worst) return undefined
    const share = worst.share?.value ?? null
    const often = share === null ? `${worst.times} times` : `in ${percent(share)} of the time`
    const slower = slowerText(thermal.coincidence)
    return {
      severity: worst.thermal || slower !== '' ? 'warn' : 'info',
      title: `${worst.device} was held back ${often} (${worst.reason})${slower}`,
      advice: worst.thermal
        ? 'cool it, or let it reach its steady temperature before measuring (a longer --for)'
        : 'its power limit sets the speed; compare runs at the same limit',
      evidence: {
        device: worst.device,
        reason: worst.reason,
        share,
        change: thermal.coincidence?.change?.value ?? null,
        excess_share: thermal.coincidence?.excess_share ?? null,
        reasons: rows.map((row) => row.reason),
      },
    }
  },
}

/** Only a change whose interval excludes zero is told. */
function slowerText(coincidence: ThermalSection['coincidence']): string {
  const change = coincidence?.change
  if (!change || change.low === null || change.low <= 0) return ''
  const share =
    coincidence.excess_share === null ? '' : `; ${percent(coincidence.excess_share)} of the rise coincides with it`
  return `, and those seconds were ${percent(change.value!)} slower${share}`
}
