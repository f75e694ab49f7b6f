import { expect, test } from 'vitest'
import { upgrade1To2 } from '../upgrade-1-to-2.ts'

const energy = (given: object): unknown => upgrade1To2({ energy: given })['energy']

test('checks and attributions name their channels in lists', () => {
  expect(
    energy({
      checks: [{ kind: 'within', what: 'a/x + b/y', against: 'c/z', agrees: true }, 5],
      attributed: [
        { process: 'target', device: 'rapl/package-0/energy + rapl/dram-0/energy', by: 'CPU time', of_joules: 3 },
        { process: 'target', device: 'nvml/g/energy', by: 'GPU process utilisation' },
      ],
    }),
  ).toEqual({
    checks: [{ kind: 'within', what: ['a/x', 'b/y'], against: ['c/z'], agrees: true }, 5],
    attributed: [
      { process: 'target', channels: ['rapl/package-0/energy', 'rapl/dram-0/energy'], by: 'cpu-time', of_joules: 3 },
      { process: 'target', channels: ['nvml/g/energy'], by: 'gpu-utilization' },
    ],
  })
})

test('a part of the chain says what it is with a code', () => {
  const kinds = (level: string, ...names: readonly string[]): unknown => {
    const chain = [{ level, parts: names.map((name) => ({ name, scope: 's' })) }]
    const [step] = (energy({ chain }) as { chain: { parts: { kind: string }[] }[] }).chain
    return step!.parts.map(({ kind }) => kind)
  }
  expect(kinds('wall', 'shelly/a/power')).toEqual(['device'])
  expect(kinds('devices', 'rapl/package-0/energy', 'target of it', 'model')).toEqual(['device', 'device', 'estimate'])
  expect(kinds('process', 'target of rapl/p', 'tailwatt of rapl/p')).toEqual(['target', 'tailwatt'])
  expect(kinds('inference', 'gross', 'above idle', 'of the process alone')).toEqual(['gross', 'net', 'target'])
  // Left for the schema to judge.
  expect(kinds('inference', 'toString')).toEqual([undefined])
})

test('where the PUE comes from is given, published with its year, or not known', () => {
  const pue = (pue_source: unknown): unknown =>
    (energy({ carbon: { pue_source } }) as { carbon: { pue_source: unknown } }).carbon.pue_source
  expect(pue('as given')).toBe('given')
  expect(pue('Google Cloud’s data centres 2025: datacenters.google/efficiency, “global”: all')).toEqual({
    provider: 'Google Cloud',
    year: 2025,
    source: 'datacenters.google/efficiency, “global”: all',
  })
  expect(pue(null)).toBeNull()
})
