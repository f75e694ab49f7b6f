// A power sensor that sees a part of the time, and a load regular enough to show it the same phase again and again.
import { formatNumber } from '../../units/quantity.ts'
import { repetitions } from '../channels/sensor-character.ts'
import { aliases, partialViewOf, loadCycleOf, type PartialView } from '../energy/aliasing.ts'
import type { FindingInput, FindingRule } from './finding.ts'

/** Half-width that the advised number of requests at random phases gives, as a share. */
const wanted = 0.05

export const sensorAliasing: FindingRule = {
  id: 'sensor-aliasing',
  title: 'A power sensor may see one phase of the load only',
  explain:
    'The sensor averages over a part of each of its periods (25 of 100 ms on A100 and H100), and the load repeats so regularly ' +
    'that those parts may always meet it at the same phase. Its power is then read wrong by up to its whole swing between work and ' +
    'pause, no reading shows it, and no interval covers it. Send at random times (`--arrivals poisson`), or repeat at random ' +
    'phases; then the error averages out.',
  find(input) {
    const sensor = partialSensor(input)
    const load = loadCycleOf(input.series.response.at)
    if (!sensor || !load || !aliases(sensor.view, load)) return undefined
    const { channel, view } = sensor
    const { period, window } = view
    const { cycle, spread } = load
    const ms = (value: number): string => formatNumber(value)
    const enough = repetitions(view, cycle, wanted)
    return {
      severity: 'warn',
      title: `${channel} sees ${ms(window)} of every ${ms(period)} ms, and the load repeats every ${ms(cycle)} ms: its power may be read wrong`,
      advice: `send at random times: --arrivals poisson --requests ${enough}, for ±${100 * wanted} % from the sensor's sampling`,
      evidence: {
        channel,
        period_ms: period,
        window_ms: window,
        repeat_ms: cycle,
        repeat_spread_ms: spread,
        requests_at_random: enough,
      },
    }
  },
}

/** The first of those that the total rests on. */
function partialSensor({
  document,
}: FindingInput): { readonly channel: string; readonly view: PartialView } | undefined {
  const characters = new Map(document.sensors?.map((sensor) => [sensor.channel, sensor]))
  const channels = new Map(document.channels.map((channel) => [channel.id, channel]))
  for (const { channel } of document.energy.parts ?? []) {
    const view = partialViewOf(channels.get(channel), characters.get(channel))
    if (view) return { channel, view }
  }
  return undefined
}
