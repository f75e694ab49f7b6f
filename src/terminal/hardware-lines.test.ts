import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseRunDocument } from '../run/schema.ts'
import { upgradeDocument } from '../run/upgrade.ts'
import { hardwareLines } from './energy-lines.ts'

const path = new URL('../../test/fixtures/runs/v1/run.json', import.meta.url)
const stored = upgradeDocument(JSON.parse(readFileSync(path, 'utf8')), 'v1')

function line(cpu: Record<string, readonly [number, string]>): string {
  const figures = Object.fromEntries(
    Object.entries(cpu).map(([key, [value, unit]]) => [key, { value, low: value, high: value, n: 9, unit }]),
  )
  const nothing = { cpu_cores: null, host_busy: null, steal: null, throttled: null, peak_memory_bytes: null }
  const document = parseRunDocument({ ...stored, utilization: { ...nothing, cpu: figures } })
  return hardwareLines(document, (name, text) => [`${name}: ${text}`]).join('\n')
}

test('counters of the CPU are one line', () => {
  expect(line({ ipc: [1.5, '1'], context_switches_per_s: [618, '1/s'], run_queue_wait: [1.01, '1'] })).toBe(
    'CPU counters: instructions per cycle 1.50 · switches 618/s · threads waiting for a CPU 1.01',
  )
})

test('what says nothing is left out: all was counted, nobody waited', () => {
  expect(line({ counted_share: [1, 'ratio'], run_queue_wait: [0, '1'], major_page_faults_per_s: [0, '1/s'] })).toBe('')
  expect(line({ counted_share: [0.4, 'ratio'], psi_io_full: [0.2, 'ratio'] })).toMatch(
    /^CPU counters: counted 40(?:\.0)? % · stalled by I\/O 20(?:\.0)? %$/,
  )
})
