// Sensors as one names them: `rapl,nvml`, `+shelly:192.168.1.20`, `replay:FILE`, `none`, `./my-sensor.mjs`. Each becomes a
// cloneable spec; nothing is opened here.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TailwattError } from '../base/errors.ts'
import { namesModule } from '../host/extension.ts'
import { usage } from './argument.ts'
import type { SensorProvider, SensorSpec } from './sensor.ts'

/** What is to be known of a provider to name it. */
export type KnownSensor = Pick<SensorProvider, 'id' | 'argument'>

/** All that need not be told where to look: what cannot work on a host says so itself. */
export const defaultsOf = (known: readonly KnownSensor[]): readonly SensorSpec[] =>
  known.filter(({ argument }) => argument === undefined).map(({ id }) => ({ kind: id, options: {} }))

/**
 * Lists of `kind[:argument]`, separated by commas. Names replace the defaults, names with a `+` are added to them, `none`
 * is nothing.
 * @throws TailwattError `usage` for what cannot be meant, `file-not-found`.
 */
export function parseSensorList(
  lists: string | readonly string[],
  known: readonly KnownSensor[],
): readonly SensorSpec[] {
  const entries = [lists].flat().flatMap((list) => list.split(',').map((entry) => entry.trim()))
  const added: SensorSpec[] = []
  const named: SensorSpec[] = []
  let replaced = false
  for (const entry of entries) {
    const plus = entry.startsWith('+')
    const text = plus ? entry.slice(1) : entry
    if (text === '') usage('a sensor needs a name, such as rapl or +shelly:192.168.1.20')
    if (!plus) replaced = true
    if (text === 'none') {
      if (plus) usage('none cannot be added to other sensors')
      continue
    }
    ;(plus ? added : named).push(specOf(text, known))
  }
  if (replaced && named.length === 0 && !entries.includes('none')) usage('no sensor is named')
  if (named.length > 0 && entries.includes('none')) usage('none and other sensors cannot both be meant')
  const all = replaced ? [...named, ...added] : [...defaultsOf(known), ...added]
  // The later of two with the same argument is the one that the user asked for.
  return [...new Map(all.map((spec) => [`${spec.kind}:${String(spec.options['argument'] ?? '')}`, spec])).values()]
}

function specOf(text: string, known: readonly KnownSensor[]): SensorSpec {
  if (namesModule(text) || /^\.{1,2}\//.test(text)) return { kind: moduleUrl(text), options: {}, asked: true }
  const colon = text.indexOf(':')
  const kind = colon < 0 ? text : text.slice(0, colon)
  const argument = colon < 0 ? undefined : text.slice(colon + 1)
  const sensor = known.find(({ id }) => id === kind)
  if (!sensor) usage(`there is no sensor ${shown(kind)}; there are ${known.map(({ id }) => id).join(', ')}, none`)
  const takes = sensor.argument
  // The other flag tells the analysis too; the sensor alone would be read and not used.
  if (takes?.by !== undefined) usage(`the ${takes.name.toLowerCase()} of ${kind} is given by ${takes.by}`)
  if (argument === undefined || argument === '') {
    if (takes && (takes.required || argument === '')) usage(`the sensor ${kind} needs ${kind}:${takes.name}`)
    if (argument === '') usage(`the sensor ${kind} takes no argument, nor a colon`)
    return { kind, options: {}, asked: true }
  }
  if (!takes) usage(`the sensor ${kind} takes no argument`)
  takes.check(argument, kind)
  return { kind, options: { argument }, asked: true }
}

function moduleUrl(text: string): string {
  if (text.startsWith('file:')) return text
  const path = resolve(text)
  if (!existsSync(path)) throw new TailwattError('file-not-found', { path: text })
  return pathToFileURL(path).href
}

/** Of an unknown name no more than a name's length, and nothing that could be a secret of an address. */
const shown = (kind: string): string => (/^[\w.-]{1,40}$/.test(kind) ? kind : 'of that name')
