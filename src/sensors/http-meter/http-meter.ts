// A sensor that is asked over HTTP: opened with one answer, which tells what is there, then asked once a period. What is
// found not to be there is closed again, and so is what was asked when the sensor closes.
import { absent, type Absence } from '../../base/absence.ts'
import type { Result } from '../../base/result.ts'
import type { Host } from '../../host/host.ts'
import type { Channel } from '../../run/channel.ts'
import type { Opened, SensorProvider, StreamingOptions, StreamingSensor } from '../sensor.ts'
import { RequestLoop, type RequestLoopOptions } from './request-loop.ts'

export interface HttpMeterOptions extends StreamingOptions {
  /** An address, or what else the sensor asks about. */
  readonly argument?: string
}

/** Channels, and how they are read: `put` fills them in their order. */
export interface Metering<T> extends RequestLoopOptions<T> {
  readonly channels: readonly Channel[]
}

export interface HttpMeter<Device extends { close(): Promise<void> }, Answer, T> extends Omit<
  SensorProvider,
  'open' | 'flow' | 'platforms'
> {
  /** Whom to ask; nothing is sent yet. */
  connect(host: Host, options: HttpMeterOptions): Result<Device, Absence>
  ask(device: Device): Promise<Result<Answer, Absence>>
  meter(device: Device, answer: Answer): { readonly metering: Metering<T>; readonly note: string }
}

export const httpMeter = <Device extends { close(): Promise<void> }, Answer, T>(
  sensor: HttpMeter<Device, Answer, T>,
): SensorProvider => {
  const { connect, ask, meter, ...declared } = sensor
  return {
    ...declared,
    flow: 'streaming',
    open: async (host, options): Promise<Opened<StreamingSensor>> => {
      const device = connect(host, { clock: () => host.now(), ...(options as Partial<HttpMeterOptions>) })
      if (!device.ok) return absent(device.error.reason, device.error.remedy)
      let kept = false
      try {
        const answer = await ask(device.value)
        if (!answer.ok) return absent(answer.error.reason, answer.error.remedy)
        const { metering, note } = meter(device.value, answer.value)
        kept = true
        return { ok: true, sensor: looping(metering, device.value), note }
      } finally {
        if (!kept) await device.value.close()
      }
    },
  }
}

function looping<T>({ channels, ...loop }: Metering<T>, device: { close(): Promise<void> }): StreamingSensor {
  const asking = new RequestLoop(loop)
  return {
    channels,
    start: async (out) => asking.start(out),
    close: async () => {
      await asking.close()
      await device.close()
    },
  }
}
