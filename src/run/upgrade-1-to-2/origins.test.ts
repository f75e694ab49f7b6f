import { describe, expect, test } from 'vitest'
import { upgrade1To2 } from '../upgrade-1-to-2.ts'

const ids = ['rapl/package-0/energy', 'rapl/dram-0/energy', 'nvml/GPU a/energy', 'procfs/host/busy']
const figure = { value: 1, low: 0, high: 2, n: 5 }
const upgraded = (more: object): object => {
  const document = { channels: ids.map((id) => ({ id })), power: { cpu_w: { ...figure, ...more } } }
  const { power } = upgrade1To2(document) as { readonly power: { readonly cpu_w: Record<string, unknown> } }
  const { value: _, low: _1, high: _2, n: _3, ...rest } = power.cpu_w
  return rest
}

describe('what a figure rests on', () => {
  test.each([
    ['rapl/package-0/energy', { sources: ['rapl/package-0/energy'] }],
    ['rapl/package-0/energy + nvml/GPU a/energy', { sources: ['rapl/package-0/energy', 'nvml/GPU a/energy'] }],
    ['unknown/energy', { sources: ['unknown/energy'] }],
    ['procfs/cgroup', { sources: ['procfs/cgroup/throttled', 'procfs/cgroup/periods'] }],
    [
      'shelly/a/power − (rapl/package-0/energy + rapl/dram-0/energy)',
      { sources: ['shelly/a/power', 'rapl/package-0/energy', 'rapl/dram-0/energy'], how: 'difference' },
    ],
    ['model: CPU time × rated power', { how: 'CPU time × rated power' }],
    ['CPU time × 1 … 15 W for a busy core', { how: 'CPU time × 1 … 15 W for a busy core' }],
    ['operators one by one, no caches', { how: 'operators one by one, no caches' }],
    [
      'rapl/package-0/energy + rapl/dram-0/energy; Norway 2024: 30.8 g/kWh, lifecycle, production, average',
      {
        sources: ['rapl/package-0/energy', 'rapl/dram-0/energy'],
        how: 'Norway 2024: 30.8 g/kWh, lifecycle, production, average',
      },
    ],
    ['model: CPU time × rated power; 350 g/kWh as given', { how: 'CPU time × rated power; 350 g/kWh as given' }],
  ])('was "%s" and is channels and a sentence', (source, expected) => {
    expect(upgraded({ source })).toEqual(expected)
  })

  test('is changed wherever a figure stands, and in nothing else', () => {
    const source = 'rapl/package-0/energy'
    const other = { carbon: { source: 'Ember; 2024' }, thermal: { throttled: [{ source }] }, recordings: [{ source }] }
    expect(upgrade1To2(other)).toEqual(other)
    expect(upgrade1To2({ advice: [{ deep: { ...figure, source } }] })).toEqual({
      advice: [{ deep: { ...figure, sources: [source] } }],
    })
    expect(upgraded({ source: 5, caution: null })).toEqual({ source: 5, caution: null })
  })
})

describe('cautions', () => {
  /** Every sentence that format 1 wrote. */
  const sentences: readonly (readonly [string, string])[] = [
    ['too-few-samples', 'p99.9: only 6.0 of 5986 samples lie above it; it takes 10000 samples'],
    [
      'too-few-samples',
      'p99: only 2.0 of 200 samples lie above it (and they are dependent); it takes 1000 samples, about 1 min 20 s more',
    ],
    [
      'below-resolution',
      'below resolution: 20 ms is too short for nvml/GPU a/power, which needs 0.2 s or more; run longer (--for)',
    ],
    ['replayed', 'replayed from a recording, not measured in this run'],
    ['synthetic', 'synthetic, not measured'],
    ['partly-covered', 'readings of rapl/package-0/energy cover 85 % of the window'],
    ['grid-partly-covered', 'readings of the grid cover 50 % of the window'],
    ['suspended', 'the host was suspended during the run'],
    ['estimate', 'an estimate; `tailwatt doctor` says how to measure'],
    ['gpu-may-be-beside', 'it is not known whether the platform counter (psys) holds the GPU'],
    ['idle-measured-once', 'idle was measured once'],
    [
      'idle-not-steady',
      'idle was not steady: hwmon/cpu/temp1 moved by 2.1 °C during idle-before; a longer --idle on a rested host is better',
    ],
    [
      'aliasing',
      'nvml/gpu/power sees 25 ms of every 100 ms and the load repeats every 20 ms: what it does not see the interval does not cover (--arrivals poisson)',
    ],
    [
      'grid-not-known',
      'no region was given: from the cleanest to the dirtiest grid of the table; --region DEU narrows it',
    ],
    ['grid-estimated', 'the grid’s intensity was estimated by its source, not yet measured'],
    ['scaled-up', 'counted during 20 % of the time, and scaled up'],
    ['disturbed', 'other programs used the CPUs in every burst: the true ceiling is higher'],
    ['above-ceiling', 'more than the ceiling: it was measured too low, or its table is wrong; see --ceilings'],
    ['other', 'words that no tailwatt wrote'],
  ]
  const cautions = (picked: typeof sentences): object => ({ cautions: picked.map(([code, text]) => ({ code, text })) })
  const joined = (picked: typeof sentences): string => picked.map(([, text]) => text).join('; ')

  test.each(sentences)('of the code %s was "%s"', (code, text) => {
    expect(upgraded({ caution: text })).toEqual(cautions([[code, text]]))
  })

  test('that stand behind each other are told apart, in any order of two', () => {
    for (const first of sentences)
      for (const second of sentences)
        expect(upgraded({ caution: joined([first, second]) })).toEqual(cautions([first, second]))
  })

  test('that hold nothing but separators end', () => {
    for (const caution of ['; ', '; ; x', 'x; ', ';', '']) expect(upgraded({ caution })).toHaveProperty('cautions')
  })
})
