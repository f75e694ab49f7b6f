// What counts, so that nothing counts twice: one reading a device and scope, one sensor a set, mirrors once. The parts of a
// stored window and the curves of live readings follow the same rules; only how two readings compare differs.
import type { Channel } from '../../run/channel.ts'
import type { Part } from './part.ts'

/** What is read of a channel: a part of a window, a curve. */
interface Reading {
  readonly channel: Channel
}

export interface Comparison<R> {
  /** Whether `a` says more than `b`. Of two equals the first counts. */
  better(a: R, b: R): boolean
  /** Two dies of a package that show the same total show one counter; `null` where it is not known. */
  total(reading: R): number | null
}

/** Scopes of which a host has one set: what two sensors say of it is the same joules under two names. */
const oneSet: ReadonlySet<string> = new Set(['system', 'psys', 'module', 'package', 'core', 'uncore', 'dram'])

/** What of `all` counts; channels that only check others never do. */
export function countedOnce<R extends Reading>(all: readonly R[], by: Comparison<R>): readonly R[] {
  const shown = all.filter(({ channel }) => channel.check !== true)
  const speakers = new Map<string, R>()
  for (const reading of bestOfPlaces(shown, by)) {
    const { scope, sensor } = reading.channel
    const other = speakers.get(scope)
    if (!other || (other.channel.sensor !== sensor && by.better(reading, other))) speakers.set(scope, reading)
  }
  // All that the speaker of a set knows of it, also where another sensor knows more of one device.
  const own = shown.filter(
    ({ channel: { scope, sensor } }) => !oneSet.has(scope) || speakers.get(scope)!.channel.sensor === sensor,
  )
  return withoutMirrors(bestOfPlaces(own, by), by)
}

function bestOfPlaces<R extends Reading>(readings: readonly R[], { better }: Comparison<R>): readonly R[] {
  const best = new Map<string, R>()
  for (const reading of readings) {
    const place = placeOf(reading.channel)
    const other = best.get(place)
    if (!other || better(reading, other)) best.set(place, reading)
  }
  return [...best.values()]
}

/** What two channels have in common that measure the same joules: scope and device. */
export const placeOf = ({ scope, device }: Channel): string => `${scope}/${device ?? ''}`

// Dies of one package may show the same counter each (Threadripper 1950X; codecarbon's notes on RAPL): equal to a millionth
// is one counter, not two.
function withoutMirrors<R extends Reading>(readings: readonly R[], { total }: Comparison<R>): readonly R[] {
  const shown = new Map<string, number[]>()
  return readings.filter((reading) => {
    const own = total(reading)
    const whole = packageOfDie(reading.channel)
    if (whole === undefined || own === null) return true
    const others = shown.get(whole) ?? []
    shown.set(whole, others)
    if (others.some((other) => Math.abs(other - own) <= 1e-6 * Math.abs(own))) return false
    others.push(own)
    return true
  })
}

const packageOfDie = ({ scope, device }: Channel): string | undefined =>
  scope === 'package' ? /^(package-\d+)-die-\d+$/.exec(device ?? '')?.[1] : undefined

/**
 * What of a window's parts counts. Counters go before integrals, moments before averages; but a window too short for the one
 * is left to the other, and so is one over which the counter is the much less certain: a meter that counts whole
 * watt-hours says less about ten seconds than its watts do.
 */
export const bestParts = (parts: readonly Part[]): readonly Part[] =>
  countedOnce(parts, { better: clearer, total: ({ joules }) => joules })

function clearer(a: Part, b: Part): boolean {
  if ((a.joules === null) !== (b.joules === null)) return b.joules === null
  const rank = rankOf(a.channel) - rankOf(b.channel)
  if (rank === 0) return false
  const [higher, lower] = rank > 0 ? [a, b] : [b, a]
  const vague =
    higher.joules !== null &&
    higher.channel.quantity === 'energy' &&
    higher.statistical > 0.02 * higher.joules &&
    higher.high - higher.low > 2 * (lower.high - lower.low)
  return (vague ? lower : higher) === a
}

/** Counters before moments before averages. */
export const rankOf = ({ quantity, kind }: Channel): number => (quantity === 'energy' ? 2 : kind === 'gauge' ? 1 : 0)

/**
 * Parts that lie in no other of them: by parent, and by module for the processor and the GPU on it. A module's meter that is
 * not their own sensor knows neither by name: whoever has such modules has no processor and no GPU beside them.
 */
export function outermost(parts: readonly Part[]): readonly Part[] {
  const ids = new Set(parts.map((part) => part.channel.id))
  const onAModule = moduleTest(parts.flatMap(({ channel }) => (channel.scope === 'module' ? [channel] : [])))
  return parts.filter(
    ({ channel }) => !(channel.parent !== undefined && ids.has(channel.parent)) && !onAModule(channel),
  )
}

/**
 * Whether a GPU or a processor is on one of these modules: it is known by its name, or a module's meter is another sensor's.
 */
export function moduleTest(modules: readonly Channel[]): (channel: Channel) => boolean {
  const devices = new Set(modules.map(({ device }) => device))
  const sensors = new Set(modules.map(({ sensor }) => sensor))
  const ofAnother = (sensor: string): boolean => sensors.size > 1 || (sensors.size === 1 && !sensors.has(sensor))
  return ({ scope, device, sensor }) =>
    scope === 'gpu'
      ? device !== undefined && (devices.has(device) || ofAnother(sensor))
      : (scope === 'package' || scope === 'dram') && ofAnother(sensor)
}
