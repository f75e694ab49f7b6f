import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cpuList } from './cpu-list.ts'
import { encodeTerms, findPmu, parseFormat, pmuEvent, pmuEventNames } from './perf-pmu.ts'
import { virtualHost } from './virtual-host.ts'

const fields = (given: Record<string, string>): ReadonlyMap<string, NonNullable<ReturnType<typeof parseFormat>>> =>
  new Map(Object.entries(given).map(([name, text]) => [name, parseFormat(text)!]))

describe('a format', () => {
  test('names a word and its bits', () => {
    expect(parseFormat('config:0-7\n')).toEqual({ word: 'config', ranges: [[0, 7]] })
    expect(parseFormat('config1:0-63')).toEqual({ word: 'config1', ranges: [[0, 63]] })
    expect(parseFormat('config:0-7,32-35,59')).toEqual({
      word: 'config',
      ranges: [
        [0, 7],
        [32, 35],
        [59, 59],
      ],
    })
  })

  test.each(['', 'config3:0-7', 'config:7-0', 'config:0-64', 'config:', 'nonsense', 'config:a-b'])(
    'like %j is none',
    (text) => expect(parseFormat(text)).toBeUndefined(),
  )
})

describe('an event', () => {
  const core = fields({ event: 'config:0-7', umask: 'config:8-15', edge: 'config:18', inv: 'config:23' })

  test.each([
    ['event=0xc7,umask=0x01', 0x01c7n],
    ['event=0x04,umask=0x03\n', 0x0304n],
    ['event=60', 60n],
    ['event=0x3c,edge', 0x4003cn],
    ['config=0x1234', 0x1234n],
  ])('written %s is the number the kernel takes', (terms, config) => {
    expect(encodeTerms(terms, core)).toEqual({ config, config1: 0n, config2: 0n })
  })

  test('has its high bits laid where the format says (AMD event numbers of 12 bits)', () => {
    const amd = fields({ event: 'config:0-7,32-35', umask: 'config:8-15' })
    expect(encodeTerms('event=0x1c7,umask=0x38', amd)!.config).toBe(0x1_0000_38c7n)
  })

  test.each(['event=0x100', 'event=?', 'frobnicate=1', 'event=0x04 umask=3', '', 'event=-1'])(
    'written %j is not counted at all',
    (terms) => expect(encodeTerms(terms, core)).toBeUndefined(),
  )

  test('of any value comes back from the bits it was laid into', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 0xffffn }), (value) => {
        const field = parseFormat('config1:3-6,20-27,60-63')!
        const word = encodeTerms(`x=${value}`, new Map([['x', field]]))!.config1
        const back = ((word >> 3n) & 0xfn) | (((word >> 20n) & 0xffn) << 4n) | (((word >> 60n) & 0xfn) << 12n)
        expect(back).toBe(value)
      }),
    )
  })

  test('of sysfs comes with its scale and unit', () => {
    const folder = '/sys/bus/event_source/devices/uncore_imc_0'
    const host = virtualHost({
      files: {
        [`${folder}/type`]: '14\n',
        [`${folder}/cpumask`]: '0,28\n',
        [`${folder}/format/event`]: 'config:0-7\n',
        [`${folder}/format/umask`]: 'config:8-15\n',
        [`${folder}/events/cas_count_read`]: 'event=0x05,umask=0xcf\n',
        [`${folder}/events/cas_count_read.scale`]: '6.103515625e-5\n',
        [`${folder}/events/cas_count_read.unit`]: 'MiB\n',
      },
    })
    expect(findPmu(host, 'uncore_imc_0')).toEqual({ name: 'uncore_imc_0', type: 14, cpus: [0, 28] })
    expect(pmuEventNames(host, 'uncore_imc_0')).toEqual(['cas_count_read'])
    const event = pmuEvent(host, 'uncore_imc_0', { name: 'cas_count_read' })!
    expect(event).toMatchObject({ config: 0xcf05n, unit: 'MiB' })
    // One count is a cache line.
    expect(event.scale * 2 ** 20).toBe(64)
    expect(pmuEvent(host, 'uncore_imc_0', { name: 'none' })).toBeUndefined()
    expect(findPmu(host, 'uncore_imc_1')).toBeUndefined()
  })
})

test('a list of CPUs is read as the kernel writes it', () => {
  expect(cpuList('0-3,8\n')).toEqual([0, 1, 2, 3, 8])
  expect(cpuList('0,28')).toEqual([0, 28])
  expect(cpuList('\n')).toEqual([])
  expect(cpuList('x')).toEqual([])
})
