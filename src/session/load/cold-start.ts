// Cold starts: fresh load hosts that go as far as their first answer and end. The measuring host is the last trial, so
// N trials cost N − 1 extra processes.
import type { EventData, Occurrence } from '../../run/event.ts'
import { startLoadHost, type LoadHost, type LoadHostOptions } from './load-host.ts'

export type ColdTimes = Omit<EventData['cold_start'], 'trial'>

/** One fresh process up to its first answer; ended again before this resolves. */
export async function coldTrial(options: LoadHostOptions, signal?: AbortSignal): Promise<ColdTimes> {
  const host = startLoadHost(options)
  const abort = (): void => host.kill()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    const { cold } = await host.ready
    return cold
  } finally {
    signal?.removeEventListener('abort', abort)
    await endHost(host)
  }
}

/** Asks a host to end and waits until it has. */
export async function endHost(host: LoadHost): Promise<void> {
  await host.stop().catch(() => host.kill())
  await host.ended
}

export const coldEvent = (trial: number, at: number, times: ColdTimes): Occurrence<'cold_start'> => ({
  t: at,
  kind: 'cold_start',
  data: { trial, ...times },
})
