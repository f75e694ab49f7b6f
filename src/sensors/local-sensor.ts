// What sensors of this machine share: where they do not work, and that nothing stays open of what turned out to be nothing.
import { absent } from '../base/absence.ts'
import type { Host } from '../host/host.ts'
import type { Opened, PolledSensor, SensorProvider } from './sensor.ts'

export interface LocalSensor<Options> extends Omit<SensorProvider, 'open' | 'flow' | 'argument'> {
  /** For one that works on Linux only what is said on other platforms: `there is no RAPL interface`. */
  readonly elsewhere?: { readonly reason: string; readonly remedy?: string }
  open(host: Host, options: Options): Opened<PolledSensor> | Promise<Opened<PolledSensor>>
}

export const localSensor = <Options extends object>(sensor: LocalSensor<Options>): SensorProvider => {
  const { elsewhere, open, ...rest } = sensor
  const declared = elsewhere ? { platforms: ['linux'] as const, ...rest } : rest
  return {
    ...declared,
    open: async (host, options) =>
      elsewhere && !worksOn(declared, host)
        ? absent(`${elsewhere.reason} on ${host.platform}`, elsewhere.remedy ?? 'measure on Linux')
        : open(host, (options ?? {}) as Options),
  }
}

export const worksOn = ({ platforms }: Pick<SensorProvider, 'platforms'>, { platform }: Host): boolean =>
  platforms === undefined || platforms.includes(platform)

/** What `open` finds; where that is nothing, or it throws, `close` gives back what was opened before. */
export function orClose<R extends { readonly ok: boolean }>(close: () => void, open: () => R): R {
  let kept = false
  try {
    const opened = open()
    kept = opened.ok
    return opened
  } finally {
    if (!kept) close()
  }
}
