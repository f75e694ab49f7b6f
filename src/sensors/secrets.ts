// What of the sensors' specs, and of the passwords they read, must never be stored or shown.
import { addressSecrets } from '../base/redact-address.ts'
import { Redactor } from '../base/redact-text.ts'
import type { Host } from '../host/host.ts'
import { readSecret } from '../host/secret.ts'
import { sensorProviders } from './catalog.ts'
import type { SensorProvider, SensorSpec } from './sensor.ts'

/**
 * For what sensors say: a meter may send back what it was sent.
 * @param own providers of the user's, as far as they could be loaded
 */
export const sensorRedactor = (
  specs: readonly SensorSpec[],
  host: Host,
  own: readonly Pick<SensorProvider, 'secrets'>[],
): Redactor =>
  new Redactor([
    ...specs.flatMap(({ kind, options: { argument } }) =>
      typeof argument === 'string' && takesAddress(kind) ? addressSecrets(argument) : [],
    ),
    // Of all, whichever are read: the environment is the same.
    ...[...sensorProviders, ...own].flatMap(({ secrets = [] }) =>
      secrets.flatMap((name) => readSecret(host, name) ?? []),
    ),
  ])

const takesAddress = (kind: string): boolean =>
  sensorProviders.some(({ id, argument }) => id === kind && argument?.name === 'ADDRESS')
