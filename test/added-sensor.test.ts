// A sensor is added with its folder and one line of the catalog: here to a copy of what was built, as a contributor would.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunDocument } from '../dist/index.js'
import type { DoctorRow } from '../dist/session/doctor.js'

const repository = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-added-'))
const target = join(import.meta.dirname, 'fixtures/targets/hasty.mjs')
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const toy = `
import { localSensor } from '../local-sensor.js'
import { absent } from '../../base/absence.js'
const channel = { id: 'toy/toy/power', sensor: 'toy', quantity: 'power', unit: 'W', kind: 'gauge', scope: 'system', grade: 'C' }
const read = (at, out) => (out.put(0, at, 7), 'ok')
export const toy = localSensor({
  id: 'toy',
  summary: 'a toy',
  gives: { text: 'power of a toy', what: 'toy_w' },
  secrets: ['TOY_KEY'],
  argument: { name: 'ADDRESS', required: false, check: (text) => { if (text === 'moon') throw new Error('toys are not on the moon') } },
  open: (host, { argument }) => host.env('TOY') === 'broken'
    ? absent(\`\${argument} is broken by \${host.env('TAILWATT_TOY_KEY')}\`, 'mend it')
    : { ok: true, sensor: { channels: [channel], read, close: () => undefined }, note: \`a toy \${argument ?? 'without a name'}\` },
})
`

beforeAll(() => {
  cpSync(join(repository, 'dist'), join(scratch, 'dist'), { recursive: true })
  cpSync(join(repository, 'package.json'), join(scratch, 'package.json'))
  symlinkSync(join(repository, 'node_modules'), join(scratch, 'node_modules'))
  mkdirSync(join(scratch, 'dist/sensors/toy'))
  writeFileSync(join(scratch, 'dist/sensors/toy/toy.js'), toy)
  const catalog = join(scratch, 'dist/sensors/catalog.js')
  const text = readFileSync(catalog, 'utf8')
  const added = text.replace('sensorProviders = [', 'sensorProviders = [toy,')
  expect(added).not.toBe(text)
  writeFileSync(catalog, `import { toy } from './toy/toy.js'\n${added}`)
})

function tailwatt(args: readonly string[], env: Readonly<Record<string, string>> = {}): ReturnType<typeof spawnSync> {
  return spawnSync(process.execPath, [join(scratch, 'dist/cli/main.js'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
}

async function run(
  sensors: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly document: RunDocument; readonly said: string }> {
  const out = mkdtempSync(join(scratch, 'run-'))
  const flags = ['--for', '300ms', '--idle', '0', '--cold', '1', '--sensors', sensors, '--out', out, '--json']
  const { status, stdout, stderr } = tailwatt(['run', target, ...flags], env)
  expect(status, String(stderr)).toBe(0)
  return { document: JSON.parse(String(stdout)) as RunDocument, said: String(stderr) }
}

test('doctor has a row of it, and no secret of its', () => {
  const row = (env: Readonly<Record<string, string>>): DoctorRow | undefined =>
    (JSON.parse(String(tailwatt(['doctor', '--json'], env).stdout)) as DoctorRow[]).find(({ id }) => id === 'toy')
  const gives = 'power of a toy'
  expect(row({})).toEqual({ id: 'toy', gives, ok: true, reason: 'a toy without a name', remedy: null })
  expect(row({ TAILWATT_SENSORS: '+toy:blue' })).toMatchObject({ ok: true, reason: 'a toy blue' })
  const broken = row({ TOY: 'broken', TAILWATT_TOY_KEY: 's3cret-of-the-toy' })
  expect(broken).toMatchObject({ gives, ok: false, remedy: 'mend it' })
  expect(broken!.reason).not.toContain('s3cret')
})

test('it is named by --sensors, with its own check', async () => {
  expect(String(tailwatt(['run', target, '--sensors', 'ty']).stderr)).toMatch(
    /there is no sensor ty; there are toy, rapl,/,
  )
  expect(String(tailwatt(['run', target, '--sensors', 'toy:moon']).stderr)).toContain('toys are not on the moon')
})

test('a run reads it; where it is absent the figure that it would give has its row', async () => {
  const read = await run('toy:blue')
  expect(read.document.channels.map(({ id }) => id)).toEqual(['toy/toy/power'])
  const absent = await run('toy:blue', { TOY: 'broken', TAILWATT_TOY_KEY: 's3cret-of-the-toy' })
  expect(absent.document.unmeasured).toContainEqual({
    what: 'toy_w',
    reason: expect.stringMatching(/^toy: blue is broken by (?!s3cret)/),
    remedy: 'mend it',
  })
  expect(absent.said).toContain('the sensor toy is not read: blue is broken')
})
