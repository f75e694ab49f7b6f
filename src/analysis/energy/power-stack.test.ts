import { describe, expect, test } from 'vitest'
import { energyRun } from '../../../test/fixtures/energy-run.mjs'
import { analyse } from '../analyse.ts'
import { powerStack, type PowerStack } from './power-stack.ts'

type Machine = Parameters<typeof energyRun>[0]

function stackOf(machine: Machine, options: Parameters<typeof energyRun>[1] = {}) {
  const measured = energyRun(machine, options)
  const document = analyse(measured)
  return { stack: powerStack(measured, document), document }
}

/** Joules of a course over the measured window, by its intervals. */
const joulesIn = ({ edges, window }: PowerStack, watts: readonly (number | undefined)[]): number =>
  watts.reduce<number>((sum, w, i) => {
    const seconds = Math.min(edges[i + 1]!, window.to) - Math.max(edges[i]!, window.from)
    return seconds > 0 ? sum + w! * seconds : sum
  }, 0)

describe('the stack', () => {
  const { stack, document } = stackOf('server')

  test('holds each device once, without what lies in another or only checks one', () => {
    expect(stack!.layers.map(({ channel }) => channel.id)).toEqual([
      'rapl/package-0/energy',
      'rapl/package-0/dram/energy',
      expect.stringMatching(/^nvml\/.*\/energy$/),
    ])
    expect(stack!.outer!.channels.map(({ scope }) => scope)).toEqual(['wall'])
    expect(stack!.estimate).toBeUndefined()
  })

  test('has the joules of the document, and its areas add up to them', () => {
    const devices = document.energy.chain!.find(({ level }) => level === 'devices')!
    expect(stack!.layers.map(({ joules }) => joules)).toEqual(devices.parts.map(({ joules }) => joules))
    expect(stack!.outer!.joules).toEqual(document.energy.total_j)
    for (const { watts, joules, channel } of stack!.layers)
      expect(joulesIn(stack!, watts) / joules.value!, channel.id).toBeCloseTo(1, 2)
    expect(stack!.unattributed!.value).toBeCloseTo(
      document.energy.checks!.find(({ against }) => against[0]!.startsWith('shelly'))!.residual_j!,
      6,
    )
  })

  test('knows idle from before and after, and when which phase was', () => {
    expect(stack!.layers.map(({ idle }) => Math.round(idle!))).toEqual([40, 8, 70])
    expect(stack!.phases.map(({ name }) => name)).toEqual(['idle', 'cold start', 'load', 'idle'])
    expect(stack!.edges[0]).toBeCloseTo(-4, 6)
    expect(stack!.edges.at(-1)).toBeCloseTo(33, 6)
    expect(stackOf('server', { idle: false }).stack!.layers.every(({ idle }) => idle === undefined)).toBe(true)
  })

  test('tells when a channel gave nothing', () => {
    const { gaps } = stackOf('server', { gap: [9, 11] }).stack!
    expect(gaps.map(({ channel }) => channel)).toEqual(['rapl/package-0/energy'])
    expect(gaps[0]!.from).toBeCloseTo(9, 0)
    expect(gaps[0]!.to).toBeCloseTo(11, 0)
    expect(stack!.gaps).toEqual([])
  })
})

test('a platform counter is around the package, with what it shows beyond it', () => {
  const { stack } = stackOf('laptop')
  expect(stack!.layers).toHaveLength(1)
  expect(stack!.outer!.channels[0]!.scope).toBe('psys')
  expect(stack!.unattributed!.value! / (stack!.window.to - stack!.window.from)).toBeCloseTo(10, 0)
})

test('an estimate stands alone, and beside no measured CPU', () => {
  const { stack } = stackOf('estimate')
  expect(stack).toMatchObject({ layers: [], outer: undefined, unattributed: undefined })
  const known = stack!.estimate!.low.flatMap((low, i) => (low === undefined ? [] : [[low, stack!.estimate!.high[i]!]]))
  expect(known.length).toBeGreaterThan(100)
  expect(known.every(([low, high]) => low! < high!)).toBe(true)
})

test('without power there is no stack, and without a load no failure', () => {
  expect(stackOf('nothing').stack).toBeUndefined()
  const measured = energyRun('server')
  const idle = { ...measured, requests: [] }
  expect(() => powerStack(idle, analyse(idle))).not.toThrow()
})

test('a meter too slow for the window is no outer line, and hides nothing of the devices', () => {
  const measured = energyRun('server')
  const [chunk] = measured.samples
  const slow = new Map<number, number>(
    measured.manifest.channels.flatMap(({ scope }, index) => (scope === 'wall' ? [[index, -1e18]] : [])),
  )
  const kept = [...chunk!.t.keys()].filter((row) => {
    const last = slow.get(chunk!.channel[row]!)
    if (last === undefined) return true
    if (chunk!.t[row]! - last < 19e9) return false
    slow.set(chunk!.channel[row]!, chunk!.t[row]!)
    return true
  })
  const column = (values: ArrayLike<number>): Float64Array => Float64Array.from(kept, (row) => values[row]!)
  const samples = [
    {
      length: kept.length,
      recording: new Uint16Array(kept.length),
      channel: Uint16Array.from(kept, (row) => chunk!.channel[row]!),
      t: column(chunk!.t),
      value: column(chunk!.value),
    },
  ]
  const thinned = { ...measured, samples }
  const document = analyse(thinned)
  expect(document.power.system_w).toMatchObject({ value: null, scope: 'wall' })
  expect(document.energy.total_j!.scope).toBe('package+gpu')
  const stack = powerStack(thinned, document)!
  expect(stack.layers).toHaveLength(3)
  expect(stack.outer).toBeUndefined()
  expect(stack.unattributed).toBeUndefined()
})

test('a channel that gives garbage leaves the others as they are', () => {
  const measured = energyRun('server')
  const [chunk] = measured.samples
  const spoilt = { ...chunk!, value: chunk!.value.slice() }
  const dram = measured.manifest.channels.findIndex(({ scope }) => scope === 'dram')
  let n = 0
  for (let i = 0; i < spoilt.length; i++)
    if (spoilt.channel[i] === dram) spoilt.value[i] = [Number.NaN, 7, -1, 7, Number.NaN, 3][n++ % 6]!
  const broken = { ...measured, samples: [spoilt] }
  const stack = powerStack(broken, analyse(broken))!
  const known = (scope: string): number =>
    stack.layers.find(({ channel }) => channel.scope === scope)!.watts.filter((w) => w !== undefined).length
  expect(known('package')).toBeGreaterThan(100)
  expect(known('gpu')).toBeGreaterThan(100)
  for (const { watts } of stack.layers) expect(watts.every((w) => w === undefined || Number.isFinite(w))).toBe(true)
  // It is never drawn at all rather than making everything above it unknown.
  for (const { watts } of stack.layers) expect(watts.some((w) => w !== undefined)).toBe(true)
})
