// Demo runs through the real command line and the library: shown, reported, valid, labelled, and stored nowhere.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, expect, test } from 'vitest'
import { listRuns, openRun, reportHtml, sensorReadings } from '../dist/index.js'

const root = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-demo-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function tailwatt(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
    cwd: scratch,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    maxBuffer: 64 * 2 ** 20,
  })
  return { status, stdout, stderr }
}

test('show says first that nothing was measured, in eighty columns, and names itself as the next thing to open', () => {
  const { status, stdout, stderr } = tailwatt('show', 'demo:h100')
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(stdout.split('\n')[0]).toMatch(/synthetic/i)
  expect(Math.max(...stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80)
  expect(stdout).toContain('tailwatt report demo:h100')
  expect(stdout).not.toContain('--advise')
  expect(stdout).toContain('occupancy')
})

test('the document is valid against the published schema, and twice the same bytes', () => {
  const first = tailwatt('show', 'demo:h100', '--json')
  expect(tailwatt('report', 'demo:h100', '--json').stdout).toBe(first.stdout)
  const document = JSON.parse(first.stdout) as { synthetic: { board: string } }
  const schema = JSON.parse(readFileSync(join(root, 'schema/tailwatt.run-2.schema.json'), 'utf8')) as object
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema)
  expect(validate(document), JSON.stringify(validate.errors?.slice(0, 5))).toBe(true)
  expect(document.synthetic.board).toBe('NVIDIA H100 PCIe 80 GB')
})

test('the report goes where other runs’ reports go, makes no run, and says what it is', async () => {
  const { status, stdout } = tailwatt('report', 'demo:h100')
  expect(status).toBe(0)
  const path = join(scratch, stdout.trim())
  expect(path).toBe(join(scratch, 'runs', 'demo-h100', 'report.html'))
  const html = readFileSync(path, 'utf8')
  expect(/<title>[^<]*synthetic/i.test(html)).toBe(true)
  expect(/<h1>[^<]*synthetic/i.test(html)).toBe(true)
  expect(await listRuns(join(scratch, 'runs'))).toEqual([])
  const elsewhere = tailwatt('report', 'demo:a100', '--to', join(scratch, 'a.html'))
  expect(elsewhere.stdout.trim()).toBe(join(scratch, 'a.html'))
  expect(existsSync(join(scratch, 'runs', 'demo-a100'))).toBe(false)
})

test('an unknown demo is told with those there are', () => {
  for (const verb of ['show', 'report']) {
    const { status, stdout, stderr } = tailwatt(verb, 'demo:foo')
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toBe('tailwatt: there is no demo run demo:foo. There is demo:h100, demo:a100.\n')
  }
})

test('the library opens it like any run, readings included', async () => {
  const run = await openRun('demo:h100')
  expect(run).toMatchObject({ reference: 'demo:h100', state: 'complete' })
  expect((await reportHtml(run)).length).toBeGreaterThan(10_000)
  const [header, ...rows] = (await sensorReadings(run)).trim().split('\n')
  expect(JSON.parse(header!)).toMatchObject({ format: 'tailwatt.readings/2', from: expect.any(Number) })
  expect(rows.length).toBeGreaterThan(10_000)
  await expect(openRun('demo:')).rejects.toMatchObject({ code: 'demo-unknown' })
})
