// Which of the parts count, so that nothing counts twice: one a device and scope, one sensor a set, mirrors once.
import type { Channel } from '../../run/channel.ts'
import type { Part } from './part.ts'

/**
 * One part a device and scope. Counters go before integrals, moments before averages; but a window too short for the one
 * is left to the other, and so is one over which the counter is the much less certain: a meter that counts whole
 * watt-hours says less about ten seconds than its watts do.
 */
export function bestParts(parts: readonly Part[]): readonly Part[] {
  const best = new Map<string, Part>()
  for (const part of parts) {
    if (part.channel.check === true) continue
    const key = `${part.channel.scope}/${part.channel.device ?? ''}`
    const other = best.get(key)
    if (!other || better(part, other)) best.set(key, part)
  }
  return withoutMirrors(oneSensor([...best.values()]))
}

/** Scopes of which a host has one set: what two sensors say of it is the same joules under two names. */
export const oneSet: ReadonlySet<string> = new Set(['system', 'psys', 'module', 'package', 'core', 'uncore', 'dram'])

function oneSensor(parts: readonly Part[]): readonly Part[] {
  const speaker = new Map<string, Part>()
  for (const part of parts) {
    const other = speaker.get(part.channel.scope)
    if (!other || (other.channel.sensor !== part.channel.sensor && better(part, other))) {
      speaker.set(part.channel.scope, part)
    }
  }
  return parts.filter(
    ({ channel }) => !oneSet.has(channel.scope) || speaker.get(channel.scope)!.channel.sensor === channel.sensor,
  )
}

function better(a: Part, b: Part): boolean {
  if ((a.joules === null) !== (b.joules === null)) return b.joules === null
  const rank = rankOf(a) - rankOf(b)
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
export const rankOf = ({ channel }: Pick<Part, 'channel'>): number =>
  channel.quantity === 'energy' ? 2 : channel.kind === 'gauge' ? 1 : 0

// Dies of one package may show the same counter each (Threadripper 1950X; codecarbon's notes on RAPL): equal to a millionth
// over a whole window is one counter, not two.
function withoutMirrors(parts: readonly Part[]): readonly Part[] {
  const shown = new Map<string, number[]>()
  return parts.filter((part) => {
    const base = dieOf(part)
    if (base === undefined) return true
    const others = shown.get(base) ?? []
    shown.set(base, others)
    if (others.some((joules) => Math.abs(joules - part.joules!) <= 1e-6 * part.joules!)) return false
    others.push(part.joules!)
    return true
  })
}

function dieOf({ channel, joules }: Part): string | undefined {
  const match = /^(package-\d+)-die-\d+$/.exec(channel.device ?? '')
  return match && channel.scope === 'package' && joules !== null ? match[1] : undefined
}

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
