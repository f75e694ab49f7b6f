// What of the sensors' specs, and of the passwords they read, must never be stored or shown.
import { addressSecrets } from '../base/redact.ts'
import { Redactor } from '../base/redactor.ts'
import type { Host } from '../host/host.ts'
import { readSecret, secretNames } from '../host/secret.ts'
import type { SensorSpec } from './sensor.ts'
import { sensorArguments } from './specs.ts'

/** For what sensors say: a meter may send back what it was sent. */
export const sensorRedactor = (specs: readonly SensorSpec[], host: Host): Redactor =>
  new Redactor([
    ...specs.flatMap(({ kind, options: { argument } }) =>
      typeof argument === 'string' && sensorArguments[kind]?.name === 'ADDRESS' ? addressSecrets(argument) : [],
    ),
    ...secretNames.flatMap((name) => readSecret(host, name) ?? []),
  ])
