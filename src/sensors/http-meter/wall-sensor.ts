// The sensor of a meter at the socket that is named by its address: what such sensors say of themselves alike, and what
// becomes of what is found there.
import type { Absence } from '../../base/absence.ts'
import { fail, ok, type Result } from '../../base/result.ts'
import type { Host } from '../../host/host.ts'
import { secretRemedy } from '../../host/secret.ts'
import { parseDeviceAddress } from '../../net/device-address.ts'
import { HttpSource } from '../../net/http-source.ts'
import { checkAddress } from '../argument.ts'
import type { SensorProvider } from '../sensor.ts'
import { httpMeter } from './http-meter.ts'
import type { Timed } from './request-loop.ts'
import { wallMeter, type WallReading } from './wall-meter.ts'

const limits = { timeoutMs: 1500, maxBytes: 64 * 1024 }

export interface WallPlace {
  readonly host: Host
  readonly source: HttpSource
  /** Which of several meters; `undefined` when none was named. */
  readonly index: number | undefined
}

export interface WallFound {
  /** What meters there: `EM1`. */
  readonly what: string
  /** What it reads now. */
  readonly reading: WallReading
  readonly read: () => Promise<Result<Timed<WallReading>, Absence>>
}

export interface WallSensor extends Pick<SensorProvider, 'id' | 'summary'> {
  /** `a Shelly` */
  readonly device: string
  /** The secret's name. */
  readonly password: string
  /** Half-width of the device class's error, as a share. */
  readonly systematic: number
  readonly find: (place: WallPlace) => Promise<Result<WallFound, Absence>>
}

export const wallSensor = ({ id, summary, device, password, systematic, find }: WallSensor): SensorProvider =>
  httpMeter<{ name: string; place: WallPlace; close(): Promise<void> }, WallFound, WallReading>({
    id,
    summary,
    gives: { text: 'power and energy at the socket (grade A)', what: 'system_w' },
    argument: { name: 'ADDRESS', required: true, check: checkAddress(parseDeviceAddress) },
    secrets: [password],
    connect: (host, { argument, clock }) => {
      if (argument === undefined)
        return fail({ reason: `no address of ${device} is given`, remedy: `--sensors +${id}:ADDRESS` })
      const address = parseDeviceAddress(argument)
      if (!address.ok) return fail({ reason: address.error, remedy: secretRemedy(password) })
      const { origin, name, index } = address.value
      const source = new HttpSource(origin, { ...limits, clock })
      return ok({
        name: index === undefined ? name : `${name}/${index}`,
        place: { host, source, index },
        close: () => source.close(),
      })
    },
    ask: ({ place }) => find(place),
    meter: ({ name }, { what, reading, read }) => ({
      metering: wallMeter({
        sensor: id,
        device: name,
        systematic,
        hasCounter: reading.joules !== undefined,
        request: read,
      }),
      note: `${what} at ${name}`,
    }),
  })
