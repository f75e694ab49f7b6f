// The estimate of last resort: CPU time × what a CPU of unknown make may draw, as a range (grade D). Never a single number,
// never added to anything measured; it exists so that a run on a bare virtual machine says more than nothing.
import type { Channel } from '../../run/channel.ts'
import type { Host } from '../../host/host.ts'
import { localSensor } from '../local-sensor.ts'
import type { PolledSensor, SensorProvider } from '../sensor.ts'
import { hostTimes, noHostTimes, noProc } from '../../host/proc.ts'
import { KeptFile } from '../../host/kept-file.ts'

/**
 * Watts for one logical CPU, idle and busy. The ends span rated power over hardware threads, from dense servers (EPYC 9654:
 * 360 W / 192; Xeon 8480+: 350 W / 112) and thin laptops (15 W / 8) to desktops at their turbo limit (Core i9-13900K:
 * 253 W / 32), by the vendors' product pages; idle from a tenth of the lower to a fifth of the higher end.
 */
const wattsPerCpu = { low: { idle: 0.2, busy: 1.5 }, high: { idle: 1.6, busy: 8 } } as const

export const model: SensorProvider = localSensor({
  id: 'model',
  summary: 'Utilisation × rated power',
  gives: { text: 'an estimated range of CPU power (grade D)', what: 'cpu_w' },
  elsewhere: { reason: noProc },
  open: (host) =>
    hostTimes(host.readFile('/proc/stat') ?? '') === undefined
      ? noHostTimes
      : { ok: true, sensor: openModel(host), note: 'a range, for want of better; it satisfies no rule' },
})

function openModel(host: Host): PolledSensor {
  const stat = new KeptFile(host, '/proc/stat')
  const cpus = countCpus(stat.text() ?? '')
  let first: { readonly at: number; readonly busy: number } | undefined
  return {
    channels: (['low', 'high'] as const).map((bound): Channel => ({
      id: `model/cpu/energy-${bound}`,
      sensor: 'model',
      quantity: 'energy',
      unit: 'J',
      kind: 'counter',
      scope: 'package',
      device: 'cpu',
      grade: 'D',
      bound,
    })),
    read: (at, out) => {
      const times = hostTimes(stat.text() ?? '')
      if (!times) return 'retry'
      const { busy } = times
      first ??= { at, busy }
      const wall = (at - first.at) / 1e9
      const worked = Math.max(0, Math.min(busy - first.busy, cpus * wall))
      out.put(0, at, modelJoules(wattsPerCpu.low, cpus, wall, worked))
      out.put(1, at, modelJoules(wattsPerCpu.high, cpus, wall, worked))
      return 'ok'
    },
    close: () => stat.close(),
  }
}

/** Joules of `cpus` logical CPUs over `wall` seconds of which they worked `busy` CPU seconds. */
const modelJoules = (
  watts: { readonly idle: number; readonly busy: number },
  cpus: number,
  wall: number,
  busy: number,
): number => watts.idle * (cpus * wall - busy) + watts.busy * busy

const countCpus = (stat: string): number => stat.split('\n').filter((line) => /^cpu\d/.test(line)).length
