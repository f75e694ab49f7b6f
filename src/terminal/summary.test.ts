import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseRunDocument } from '../run/schema.ts'
import { upgradeDocument } from '../run/upgrade.ts'
import { style } from './style.ts'
import { summary } from './summary.ts'

const path = new URL('../../test/fixtures/runs/v1/run.json', import.meta.url)
const stored = upgradeDocument(JSON.parse(readFileSync(path, 'utf8')), 'v1')

test('a generated run says so on its first line', () => {
  const synthetic = { board: 'H100 SXM5 80GB', note: 'From the datasheet of the board.' }
  const [first, second] = summary(parseRunDocument({ ...stored, synthetic }), 'f', style(false)).split('\n')
  expect(first).toBe('Synthetic, not measured: generated to imitate H100 SXM5 80GB')
  expect(second).toBe('From the datasheet of the board.')
})

test('a measured run does not', () => {
  expect(summary(parseRunDocument(stored), 'f', style(false))).not.toContain('ynthetic')
})
