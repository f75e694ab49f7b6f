// Two power sensors that contradict each other beyond what their intervals allow.
import { formatNumber } from '../../units/quantity.ts'
import type { FindingRule } from './finding.ts'

export const energyDisagrees: FindingRule = {
  id: 'energy-disagrees',
  title: 'Energy readings contradict each other',
  explain:
    'Two readings of the same joules differ by more than their intervals together allow, or a part shows more than the whole it ' +
    'lies in. One of the sensors is wrong, counts something else than it says, or has a gain error larger than stated. Trust ' +
    'neither figure to better than the residual until it is explained; an external meter decides.',
  find({ document }) {
    const wrong = (document.energy.checks ?? []).filter((check) => check.agrees === false)
    const [worst] = [...wrong].sort((a, b) => Math.abs(b.residual_j!) - Math.abs(a.residual_j!))
    if (!worst) return undefined
    const { kind, residual_j: joules, residual_w: watts } = worst
    const [what, against] = [worst.what.join(' + '), worst.against.join(' + ')]
    const by = `${formatNumber(Math.abs(watts ?? 0))} W (${formatNumber(Math.abs(joules!))} J)`
    return {
      severity: 'warn',
      title:
        kind === 'within'
          ? `${what} shows ${by} more than ${against}, in which it lies`
          : `${what} and ${against} count the same joules and differ by ${by}`,
      advice: 'compare both with an external meter; `tailwatt doctor` says what each sensor is',
      evidence: {
        what,
        against,
        joules: worst.joules.value,
        against_joules: worst.against_joules.value,
        residual_w: watts,
        disagreements: wrong.length,
      },
    }
  },
}
