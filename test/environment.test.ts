// Every flag may come from a variable, and then plans what the flag plans; what cannot be meant names the variable.
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { misspelt } from '../dist/cli/misspelling.js'
import { createProgram } from '../dist/cli/program.js'
// @ts-expect-error a script without types
import { checkVariables } from '../tools/check-variables.mjs'

const main = join(import.meta.dirname, '../dist/cli/main.js')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-environment-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function tailwatt(args: readonly string[], variables: Readonly<Record<string, string>>): SpawnSyncReturns<string> {
  const bare = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('TAILWATT_') || name === 'TAILWATT_CACHE',
  )
  const env = { ...Object.fromEntries(bare), ...variables }
  return spawnSync(process.execPath, [main, ...args], { cwd: scratch, encoding: 'utf8', env })
}

interface Row {
  readonly verb: string
  readonly flag: string
  readonly faults: readonly string[]
}

test('every flag has a variable, which changes the plan as the flag does', async () => {
  const rows = (await checkVariables()) as readonly Row[]
  expect(rows.length).toBeGreaterThan(60)
  expect(rows.filter(({ faults }) => faults.length > 0)).toEqual([])
})

/** A target that needs nothing to be installed. */
function target(): string {
  const path = join(scratch, 'target.mjs')
  writeFileSync(
    path,
    `const target = { prepare: async () => ({ facts: {}, timings: { load_ms: 0, session_ms: 0 } }),
      infer: () => ({ status: 0, sizeIn: 0, sizeOut: 0, engine: NaN }), close: async () => {} }
    export const provider = { kind: 'none', flow: 'blocking', inspect: async () => ({}),
      open: async () => ({ flow: 'blocking', target }) }`,
  )
  return path
}

test('a run is as its variables say, and what does not fit the target is not used', () => {
  const result = tailwatt([target()], {
    TAILWATT_REQUESTS: '7',
    TAILWATT_OUT: 'elsewhere',
    TAILWATT_COLD: '1',
    TAILWATT_IDLE: '0',
    TAILWATT_SENSORS: 'none',
    TAILWATT_QUIET: 'yes',
    TAILWATT_JSON: 'no',
    TAILWATT_SEED: '',
    TAILWATT_TIMEOUT: '5s',
    TAILWATT_THREADS: '2',
    TAILWATT_ARRIVALS: 'poisson',
  })
  expect([result.status, result.stderr]).toEqual([0, ''])
  const [folder] = readdirSync(join(scratch, 'elsewhere'))
  const run = JSON.parse(readFileSync(join(scratch, 'elsewhere', folder!, 'run.json'), 'utf8')) as object
  expect(run).toMatchObject({ requests: { sent: 7 }, load: { seed: 1, arrivals: null, timeout_ms: null } })
})

test.each([
  [['run', 'zoo:mlp'], { TAILWATT_RATE: '5' }, 'TAILWATT_RATE cannot be used: it needs a rate with its unit'],
  [['watch'], { TAILWATT_HZ: '9' }, 'TAILWATT_HZ cannot be used: it needs a number from 0.1 to 5'],
  [['zoo'], { TAILWATT_JSON: '2' }, 'TAILWATT_JSON cannot be used: it needs 1, true, yes or on, or 0'],
  // Known only from the whole plan.
  [['run', 'zoo:mlp'], { TAILWATT_SLA: 'cost<1EUR' }, 'TAILWATT_SLA cannot be used: '],
  [
    ['run', 'http://host/'],
    { TAILWATT_BODY: 'a', TAILWATT_BODY_FILE: 'b' },
    'TAILWATT_BODY_FILE cannot be used: it and TAILWATT_BODY cannot both be meant',
  ],
])('%j with %j', (args, variables, sentence) => {
  const result = tailwatt(args, variables as unknown as Record<string, string>)
  expect(result).toMatchObject({ status: 2, stdout: '' })
  expect(result.stderr).toMatch(/^tailwatt: the variable [^\n]*\n$/)
  expect(result.stderr).toContain(sentence)
})

test('of two flags that cannot both be meant the one on the command line goes before the variable of the other', () => {
  const page = tailwatt(['report', 'demo:h100', '--to', '-'], { TAILWATT_JSON: '1' })
  expect([page.status, page.stdout.slice(0, 9).toLowerCase()]).toEqual([0, '<!doctype'])
})

test('a misspelt variable is said in a line', () => {
  const result = tailwatt(['list'], { TAILWATT_RTAE: '5/s' })
  expect(result.status).toBe(0)
  expect(result.stderr).toBe('tailwatt: TAILWATT_RTAE is not a variable of tailwatt; did you mean TAILWATT_RATE?\n')
})

test('variables that are no flag are not taken for misspelt ones', () => {
  const others = `CACHE DEBUG NVML POWERCAP REQUIRE ZOO RUNS PRINT PEERS PEERS_PYTHON LIVE_S LOCKSTEP CYCLES SHELLY_USER
    SHELLY_PASSWORD SHELLY_PASSWORD_FILE TASMOTA_USER TASMOTA_PASSWORD ELECTRICITY_MAPS_URL ELECTRICITY_MAPS_TOKEN
    ELECTRICITY_MAPS_TOKEN_FILE`.split(/\s+/)
  expect(misspelt(createProgram(), Object.fromEntries(others.map((name) => [`TAILWATT_${name}`, 'x'])))).toEqual([])
  expect(misspelt(createProgram(), { TAILWATT_SENSOR: 'x', TAILWATT_INCLUDE_WARM_UP: '1' })).toHaveLength(2)
})
