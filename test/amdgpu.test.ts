// Our places in amdgpu's `gpu_metrics` against what a C compiler makes of the kernel's declarations.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { layouts } from '../dist/sensors/amdgpu/layout.js'
import { findProgram, needs } from './requirement.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-amdgpu-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const gcc = findProgram('gcc', 'cc')
const withCompiler = needs('gcc', gcc !== undefined, 'no C compiler on PATH')

withCompiler('every table of gpu_metrics is laid out as the compiler lays it out', () => {
  const program = join(scratch, 'gpu-metrics')
  const source = join(import.meta.dirname, 'fixtures/amdgpu/gpu-metrics.c')
  const built = spawnSync(gcc!, ['-Wall', '-Werror', '-o', program, source], { encoding: 'utf8' })
  expect(built.stderr).toBe('')
  const { stdout } = spawnSync(program, { encoding: 'utf8' })
  const compiled: Record<string, Record<string, readonly number[]>> = {}
  for (const line of stdout.trim().split('\n')) {
    const [key, field, ...place] = line.split(' ') as [string, string, ...string[]]
    ;(compiled[key] ??= {})[field] = place.map(Number)
  }
  expect(layouts).toEqual(compiled)
})
