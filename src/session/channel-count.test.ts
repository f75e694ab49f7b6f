// Ten times the channels are ten times the work, in all that is done with them: a search within a search would be a hundred
// times. Work is counted, not timed: elements that arrays are searched for, and reads of a channel's own facts.
import { expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { powerStack } from '../analysis/energy/power-stack.ts'
import { demoRun } from '../demo/demo-run.ts'
import { htmlReport } from '../report/html.ts'
import type { Channel } from '../run/channel.ts'
import type { Measured } from '../run/source.ts'
import { allocateSamples, type SampleChunk } from '../run/table.ts'
import { style } from '../terminal/style.ts'
import { summary } from '../terminal/summary.ts'
import { deviceReadings } from '../analysis/channels/device-readings.ts'
import { EnergyCurves } from '../analysis/energy/energy-curves.ts'
import { periodOf } from '../analysis/energy/window.ts'

let work = 0

type Method = (this: unknown[], ...args: unknown[]) => unknown
const calling = ['find', 'findIndex', 'some', 'every', 'filter', 'map', 'flatMap', 'forEach', 'reduce']

/** What `run` does, in steps. */
function workOf(run: () => unknown): number {
  const prototype = Array.prototype as unknown as Record<string, Method>
  const kept = [...calling, 'includes', 'indexOf'].map((name) => [name, prototype[name]!] as const)
  const { indexOf } = Array.prototype
  work = 0
  try {
    for (const [name, original] of kept)
      prototype[name] = calling.includes(name)
        ? function (each, ...rest) {
            const counted: Method = function (...args) {
              work++
              return (each as Method).apply(this, args)
            }
            return original.call(this, counted, ...rest)
          }
        : function (...args) {
            const found = indexOf.call(this, args[0])
            work += found < 0 ? this.length : found
            return original.apply(this, args)
          }
    run()
  } finally {
    for (const [name, original] of kept) prototype[name] = original
  }
  return work
}

/** Each read of a fact counts. */
const watched = (channel: Channel): Channel =>
  new Proxy(channel, {
    get: (target, key) => {
      work++
      return target[key as keyof Channel]
    },
  })

const power = { quantity: 'power', unit: 'W', kind: 'gauge', grade: 'C' } as const
const energy = { quantity: 'energy', unit: 'J', kind: 'counter', grade: 'B' } as const
const gauge = { kind: 'gauge' } as const

/** What a meter of one device may show. */
const ofDevice = (i: number): readonly Channel[] => {
  const gpu = { sensor: 'dcgm', scope: 'gpu', device: `GPU-${i}` } as const
  const cpu = { sensor: 'rapl', scope: 'package' } as const
  return [
    { id: `dcgm/${i}/energy`, ...gpu, ...energy },
    { id: `dcgm/${i}/power`, ...gpu, ...power },
    { id: `dcgm/${i}/temperature`, ...gpu, ...gauge, quantity: 'temperature', unit: 'degC' },
    { id: `dcgm/${i}/clock`, ...gpu, ...gauge, quantity: 'clock', unit: 'MHz' },
    { id: `dcgm/${i}/utilization`, ...gpu, kind: 'average', quantity: 'utilization', unit: 'ratio' },
    { id: `dcgm/${i}/process-utilization`, ...gpu, kind: 'average', quantity: 'utilization', unit: 'ratio' },
    { id: `dcgm/${i}/throttle-power`, ...gpu, kind: 'counter', quantity: 'time', unit: 's' },
    { id: `dcgm/${i}/module`, ...gpu, ...power, scope: 'module' },
    { id: `rapl/${i}`, ...cpu, ...energy, device: `package-${i}-die-0` },
    { id: `rapl/${i}/core`, ...cpu, ...energy, scope: 'core', device: `core-${i}`, parent: `rapl/${i}` },
    { id: `psi/${i}`, sensor: 'procfs', scope: 'host', kind: 'counter', quantity: 'time', unit: 's' },
  ]
}

function channelsOf(count: number): readonly Channel[] {
  return Array.from({ length: count }, (_, i) => ofDevice(i)).flat()
}

/** Five readings of each, over a second from `from`, ns; no two alike. */
function readingsOf(channels: readonly Channel[], first: number, from: number): SampleChunk {
  const rounds = 5
  const chunk = allocateSamples(rounds * channels.length)
  for (let round = 0, at = 0; round < rounds; round++)
    for (let c = 0; c < channels.length; c++, at++) {
      chunk.channel[at] = first + c
      chunk.t[at] = from + (round / (rounds - 1)) * 1e9
      chunk.value[at] = 10 + c / 1000 + round * (1 + c / 7000)
    }
  return chunk
}

const demo = demoRun('h100', { name: 'tailwatt', version: '0', node: 'v0' })!.measured

/** The demo run with so many devices more. */
function withDevices(count: number): Measured {
  const extra = channelsOf(count)
  const { from, to } = demo.manifest.recordings[0]!
  const chunks = [0, 1, 2, 3].map((k) => readingsOf(extra, demo.manifest.channels.length, from + (k / 4) * (to - from)))
  const manifest = { ...demo.manifest, channels: [...demo.manifest.channels, ...extra.map(watched)] }
  return { ...demo, manifest, samples: [...demo.samples, ...chunks] }
}

const steps: Readonly<Record<string, (count: number) => () => unknown>> = {
  'the analysis': (count) => {
    const measured = withDevices(count)
    return () => analyse(measured)
  },
  'the power stack': (count) => {
    const measured = withDevices(count)
    const document = analyse(measured)
    return () => powerStack(measured, document)
  },
  'the report': (count) => {
    const measured = withDevices(count)
    const document = analyse(measured)
    return () => htmlReport(measured, document)
  },
  'the summary': (count) => {
    const document = analyse(withDevices(count))
    return () => summary(document, 'run', style(false, 80))
  },
  'live power': (count) => {
    const channels = channelsOf(count).map(watched)
    return () => {
      const curves = new EnergyCurves(channels, 1e8)
      curves.add(readingsOf(channels, 0, 0))
      return curves.lastSecond(1e9).total
    }
  },
  'live readings of devices': (count) => {
    const channels = channelsOf(count).map(watched)
    return () => deviceReadings(channels, (index) => index)
  },
  'the energy curves of a monitor': (count) => {
    const channels = channelsOf(count).map(watched)
    return () => {
      const curves = new EnergyCurves(channels, 1e8)
      curves.add(readingsOf(channels, 0, 0))
      const { total } = curves.between(curves.edges(0.25e9), curves.edges(0.75e9), 0.5)
      return [periodOf(total, channels, 1e8), curves.spacing(total)]
    }
  },
}

test.each(Object.entries(steps))('%s does no work twice for a channel more', (_, prepare) => {
  const [few, some, many] = [10, 30, 230].map((devices) => workOf(prepare(devices))) as [number, number, number]
  expect(some).toBeGreaterThan(few)
  // Ten times as many more. Sorting is a little more than linear.
  expect((many - some) / (some - few)).toBeLessThan(20)
})
