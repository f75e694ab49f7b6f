// A sensor of the user's: a module that exports a `provider`. It was not compiled against ours, so what it declares and what it
// opens is checked here; behind it a sensor of the user's is like any other.
import { absent } from '../base/absence.ts'
import { importProvider } from '../host/extension.ts'
import { parseChannels } from '../run/schema.ts'
import { closeQuietly } from './close-quietly.ts'
import { worksOn } from './local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider, StreamingSensor } from './sensor.ts'

const seeProvider = 'see `SensorProvider` in the library'

/** @throws Error in one sentence when there is no such module, or what it exports is no sensor. */
export async function importSensor(kind: string): Promise<SensorProvider> {
  const provider = await importProvider<SensorProvider>(kind)
  const wrong = faultOf(provider)
  if (wrong !== undefined) throw new Error(`the provider of ${kind} ${wrong}: ${seeProvider}`)
  return { ...declaredBy(provider), open: async (host, options) => openOwn(provider, host, options) }
}

const declared = ['id', 'summary', 'gives', 'platforms', 'flow', 'secrets'] as const

/** By name: of an object of a class it may be the prototype that declares. */
const declaredBy = (provider: SensorProvider): Pick<SensorProvider, (typeof declared)[number]> =>
  Object.fromEntries(
    declared.flatMap((key) => (provider[key] === undefined ? [] : [[key, provider[key]]])),
  ) as unknown as Pick<SensorProvider, (typeof declared)[number]>

function faultOf(provider: Partial<SensorProvider>): string | undefined {
  const { gives, open, flow = 'polled', platforms = [], secrets = [] } = provider
  if (typeof open !== 'function') return 'has no `open`'
  if (typeof gives?.text !== 'string' || typeof gives.what !== 'string') return 'has no `gives: { text, what }`'
  if (flow !== 'polled' && flow !== 'streaming') return 'has a `flow` that is neither polled nor streaming'
  if (!Array.isArray(platforms)) return 'has `platforms` that are no list'
  if (!Array.isArray(secrets)) return 'has `secrets` that are no list'
  return undefined
}

async function openOwn(
  provider: SensorProvider,
  ...[host, options]: Parameters<SensorProvider['open']>
): Promise<Opened> {
  const { flow = 'polled', platforms = [] } = provider
  if (!worksOn(provider, host))
    return absent(`it does not work on ${host.platform}`, `measure on ${platforms.join(', ')}`)
  const opened: Partial<Opened> | undefined = await provider.open(host, options)
  if (opened?.ok === false) return absent(opened.reason ?? 'it does not say why', opened.remedy ?? 'ask who wrote it')
  if (opened?.ok !== true || typeof opened.sensor !== 'object' || opened.sensor === null)
    return absent('its `open` gives neither `ok: true` with a `sensor` nor `ok: false` with a `reason`', seeProvider)
  const { sensor } = opened
  const fault = sensorFault(sensor, flow)
  if (fault === undefined) return { ...opened, ok: true, sensor }
  await closeQuietly(sensor)
  return fault
}

function sensorFault(sensor: PolledSensor | StreamingSensor, flow: 'polled' | 'streaming'): Opened | undefined {
  const method = flow === 'polled' ? 'read' : 'start'
  if (!(method in sensor))
    return absent(`it declares itself ${flow} and has no ${method}`, 'correct `flow` of its provider')
  // A channel that the run's schema does not know would make the run unreadable.
  return parseChannels(sensor.channels) === undefined
    ? absent('its channels are not as the documentation says', 'see `Channel` in the library')
    : undefined
}
