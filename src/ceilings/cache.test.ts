import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { HostCeilings } from '../run/manifest.ts'
import { storeCeilings, storedCeilings, type CeilingKey } from './cache.ts'

const root = mkdtempSync(join(tmpdir(), 'tailwatt-ceiling-cache-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const key: CeilingKey = { cpu: 'x', threads: 2, cores: 2, quota: null, engine: '1.30.0', node: 'v20' }
const ceilings: HostCeilings = {
  measured_at: '2026-11-27T07:00:00.000Z',
  compute: [
    {
      name: 'engine Conv',
      origin: 'measured',
      how: 'so',
      precision: 'float32',
      provider: 'cpu',
      flops_per_s: { value: 2e11, low: 1.8e11, high: 2e11, n: 5, unit: 'FLOP/s' },
    },
  ],
  bandwidth: [],
  last_level_cache_bytes: 3.2e7,
}

let folder = ''
let made = 0
beforeEach(() => {
  folder = join(root, String(++made))
})
const file = (): string => join(folder, 'ceilings', readdirSync(join(folder, 'ceilings'))[0]!)

test('what was measured is found again, on this host only', () => {
  expect(storedCeilings(key, folder)).toBeUndefined()
  expect(storeCeilings(key, ceilings, folder).ok).toBe(true)
  expect(storedCeilings(key, folder)).toEqual(ceilings)
  for (const other of [
    { cpu: 'y' },
    { threads: 1 },
    { cores: null },
    { quota: 1.5 },
    { engine: '1.31.0' },
    { engine: null },
    { node: 'v22' },
  ])
    expect(storedCeilings({ ...key, ...other }, folder)).toBeUndefined()
  expect(readdirSync(join(folder, 'ceilings'))).toHaveLength(1)
})

test('a later measurement takes the place of the earlier', () => {
  storeCeilings(key, ceilings, folder)
  storeCeilings(key, { ...ceilings, measured_at: '2026-12-01T00:00:00.000Z' }, folder)
  expect(storedCeilings(key, folder)!.measured_at).toBe('2026-12-01T00:00:00.000Z')
})

test('a file that is damaged, foreign or made of nonsense is as good as none', () => {
  storeCeilings(key, ceilings, folder)
  const whole = readFileSync(file(), 'utf8')
  const [entry] = ceilings.compute
  const nonsense = { ...ceilings, compute: [{ ...entry, flops_per_s: { ...entry!.flops_per_s, value: -1 } }] }
  for (const text of [
    '',
    'null',
    '[]',
    whole.slice(0, whole.length / 2),
    whole.replace('tailwatt.ceilings/1', 'tailwatt.ceilings/9'),
    whole.replace('"cpu": "x"', '"cpu": "another"'),
    whole.replace('"measured"', '"guessed"'),
    whole.replace('"compute"', '"komputer"'),
    JSON.stringify({ format: 'tailwatt.ceilings/1', key, ceilings: nonsense }),
  ]) {
    writeFileSync(file(), text)
    expect(storedCeilings(key, folder), text.slice(0, 40)).toBeUndefined()
  }
  writeFileSync(file(), whole)
  expect(storedCeilings(key, folder)).toEqual(ceilings)
})

test('a folder that cannot be written is a sentence, and leaves nothing behind', () => {
  mkdirSync(folder)
  // A file where the folder should be: refused to every user, root included.
  writeFileSync(join(folder, 'ceilings'), '')
  const stored = storeCeilings(key, ceilings, folder)
  expect(stored).toMatchObject({ ok: false, error: expect.stringContaining('cannot be kept') })
  expect(storedCeilings(key, folder)).toBeUndefined()
  rmSync(join(folder, 'ceilings'))
  if (process.getuid?.() === 0) return
  chmodSync(folder, 0o500)
  expect(storeCeilings(key, ceilings, folder).ok).toBe(false)
})
