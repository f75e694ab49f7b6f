// Sensors as one names them: `rapl,nvml`, `+shelly:192.168.1.20`, `replay:FILE`, `none`, `./my-sensor.mjs`. Each becomes a
// cloneable spec; nothing is opened here.
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TailwattError } from '../base/errors.ts'
import { namesModule } from '../host/extension.ts'
import { parseDeviceAddress } from '../net/device-address.ts'
import { parseHttpAddress } from '../net/http-address.ts'
import type { EnergyContext } from '../run/manifest.ts'
import type { SensorSpec } from './sensor.ts'

export interface SensorArgument {
  /** As help and remedies name it. */
  readonly name: 'ADDRESS' | 'FILE' | 'ZONE'
  readonly required: boolean
}

/** Sensors that need to be told where: never opened by default. */
export const sensorArguments: Readonly<Record<string, SensorArgument>> = {
  shelly: { name: 'ADDRESS', required: true },
  tasmota: { name: 'ADDRESS', required: true },
  dcgm: { name: 'ADDRESS', required: false },
  'electricity-maps': { name: 'ZONE', required: true },
  replay: { name: 'FILE', required: true },
}

export interface KnownSensors {
  readonly kinds: readonly string[]
  readonly defaults: readonly SensorSpec[]
}

/**
 * Lists of `kind[:argument]`, separated by commas. Names replace the defaults, names with a `+` are added to them, `none`
 * is nothing.
 * @throws TailwattError `usage` for what cannot be meant, `file-not-found`.
 */
export function parseSensorList(lists: string | readonly string[], known: KnownSensors): readonly SensorSpec[] {
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
  const all = replaced ? [...named, ...added] : [...known.defaults, ...added]
  // The later of two with the same argument is the one that the user asked for.
  return [...new Map(all.map((spec) => [`${spec.kind}:${String(spec.options['argument'] ?? '')}`, spec])).values()]
}

function specOf(text: string, { kinds }: KnownSensors): SensorSpec {
  if (namesModule(text) || /^\.{1,2}\//.test(text)) return { kind: moduleUrl(text), options: {}, asked: true }
  const colon = text.indexOf(':')
  const kind = colon < 0 ? text : text.slice(0, colon)
  const argument = colon < 0 ? undefined : text.slice(colon + 1)
  if (!kinds.includes(kind)) usage(`there is no sensor ${shown(kind)}; there are ${kinds.join(', ')}, none`)
  const takes = sensorArguments[kind]
  // The region tells the analysis too; the sensor alone would be read and not used.
  if (takes?.name === 'ZONE') usage(`the zone of ${kind} is given by --region, such as --region em:DE`)
  if (argument === undefined || argument === '') {
    if (takes && (takes.required || argument === '')) usage(`the sensor ${kind} needs ${kind}:${takes.name}`)
    if (argument === '') usage(`the sensor ${kind} takes no argument, nor a colon`)
    return { kind, options: {}, asked: true }
  }
  if (!takes) usage(`the sensor ${kind} takes no argument`)
  if (takes.name === 'FILE') checkFile(kind, argument)
  if (takes.name === 'ADDRESS') checkAddress(kind, argument)
  return { kind, options: { argument }, asked: true }
}

/** A pipe or a device may never end, and can be read once only. */
function checkFile(kind: string, path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new TailwattError('file-not-found', { path })
  if (!found.isFile()) usage(`${kind} reads a regular file, which ${path} is not`)
}

/** A secret typed by mistake is not repeated. */
function checkAddress(kind: string, argument: string): void {
  if (argument.includes('@'))
    usage(`credentials of ${kind} are not taken from a flag; set TAILWATT_${kind.toUpperCase()}_PASSWORD`)
  // The exporter's address may have any path, a device's none but the number of an outlet.
  const address = kind === 'dcgm' ? parseHttpAddress(argument, 'http') : parseDeviceAddress(argument)
  if (!address.ok) usage(`${kind}: ${address.error}`)
}

function moduleUrl(text: string): string {
  if (text.startsWith('file:')) return text
  const path = resolve(text)
  if (!existsSync(path)) throw new TailwattError('file-not-found', { path: text })
  return pathToFileURL(path).href
}

/** Of an unknown name no more than a name's length, and nothing that could be a secret of an address. */
const shown = (kind: string): string => (/^[\w.-]{1,40}$/.test(kind) ? kind : 'of that name')

function usage(message: string): never {
  throw new TailwattError('usage', { message, verb: 'run' })
}

/** The sensor that a live zone needs, beside those that were asked for. */
export const liveSensors = ({ zone, grid_g_per_kwh: given }: EnergyContext): readonly SensorSpec[] =>
  zone === undefined || given !== undefined
    ? []
    : [{ kind: 'electricity-maps', options: { argument: zone }, asked: true }]
