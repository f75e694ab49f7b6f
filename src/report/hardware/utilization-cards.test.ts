import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { render } from '../../base/html.ts'
import type { Figure } from '../../run/figure.ts'
import { parseRunDocument } from '../../run/schema.ts'
import { upgradeDocument } from '../../run/upgrade.ts'
import { utilizationCards } from './utilization-cards.ts'

const path = new URL('../../../test/fixtures/runs/v1/run.json', import.meta.url)
const stored = upgradeDocument(JSON.parse(readFileSync(path, 'utf8')), 'v1')

const shown = (cpu: Record<string, Partial<Figure>>): string => {
  const whole = Object.fromEntries(
    Object.entries(cpu).map(([key, figure]) => [key, { low: figure.value, high: figure.value, n: 9, ...figure }]),
  )
  const nothing = { cpu_cores: null, host_busy: null, steal: null, throttled: null, peak_memory_bytes: null }
  const cards = utilizationCards(parseRunDocument({ ...stored, utilization: { ...nothing, cpu: whole } }))
  return cards.map(render).join('')
}

test('counters of the CPU stand under their names, with their unit and what is to be known of them', () => {
  const html = shown({
    ipc: {
      value: 1.5,
      unit: '1',
      cautions: [{ code: 'scaled-up', text: 'counted during 20 % of the time, and scaled up' }],
    },
    involuntary_switches_per_s: { value: 486, unit: '1/s' },
    topdown_backend_bound: { value: 0.4, unit: 'ratio' },
    psi_cgroup_io_full: { value: 0.01, unit: 'ratio' },
  })
  expect(html).toContain('instructions per cycle')
  expect(html).toContain('counted during 20 % of the time')
  expect(html).toMatch(/involuntary switches.*486 ?\/s/)
  expect(html).toMatch(/slots waiting for data or units.*40(?:\.0)? %/)
  expect(html).toContain('pressure of the cgroup: IO, full')
})

test('what was not counted has no row', () => {
  expect(shown({})).not.toContain('instructions per cycle')
})
