// A new kind of target is a folder and a line in the catalog: its flags are in the help, are read, are refused where they do
// nothing, come from variables, and reach the run. Shown on a copy of dist/ that has one kind more.
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const copy = mkdtempSync(join(tmpdir(), 'tailwatt-kind-'))
afterAll(() => rmSync(copy, { recursive: true, force: true }))

beforeAll(() => {
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true })
  cpSync(join(root, 'package.json'), join(copy, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  cpSync(join(root, 'test/fixtures/toy-target'), join(copy, 'dist/targets/toy'), { recursive: true })
  const catalog = join(copy, 'dist/targets/catalog.js')
  const text = readFileSync(catalog, 'utf8')
  const line = /(targetKinds = \[[^\]]*)\]/
  expect(text).toMatch(line)
  const import_ = "import { toyKind } from './toy/options.mjs'\n"
  writeFileSync(catalog, import_ + text.replace(line, '$1, toyKind]'))
})

function tailwatt(args: readonly string[], variables: Readonly<Record<string, string>> = {}): SpawnSyncReturns<string> {
  const bare = Object.entries(process.env).filter(([name]) => !name.startsWith('TAILWATT_'))
  const env = { ...Object.fromEntries(bare), ...variables, COLUMNS: '120' }
  return spawnSync(process.execPath, [join(copy, 'dist/cli/main.js'), ...args], { cwd: copy, encoding: 'utf8', env })
}

test('its flags have a part of the help, after those of the other kinds', () => {
  const { stdout } = tailwatt(['run', '--help'])
  expect(stdout).toMatch(/measure a target: .*, toy:NAME, \.\/module\.mjs/)
  const [, toy] = /\nHTTP:\n[^]*\nToy:\n([^]*?)\n\n/.exec(stdout)!
  expect(toy!.replace(/\s+/g, ' ')).toBe(
    ' --weight <g> how heavy it is (env: TAILWATT_WEIGHT)' +
      ' --colour <name> what it looks like (choices: "red", "blue") (env: TAILWATT_COLOUR)' +
      ' --no-loud it makes no noise (env: TAILWATT_LOUD)',
  )
})

test.each([
  [['toy:bear', '--weight', 'x'], "option '--weight <g>' argument 'x' is invalid: it needs a whole number"],
  [
    ['toy:bear', '--colour', 'grey'],
    "option '--colour <name>' argument 'grey' is invalid. Allowed choices are red, blue",
  ],
  [['toy:bear', '--threads', '2'], '--threads is for ONNX models, and this is a toy.'],
  [['toy:bear', '--keep-body'], '--keep-body is for HTTP endpoints, and this is a toy.'],
  [['toy:bear', '--pacing', 'spin'], '--pacing does nothing without --rate.'],
  [['http://host/', '--no-loud'], '--no-loud is for toys, and this is an address.'],
  // Both have settings to try.
  [['http://host/', '--advise'], '--advise is for ONNX models and toys, and this is an address.'],
])('%j is refused', (args, sentence) => {
  const { status, stdout, stderr } = tailwatt(['run', ...args])
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toContain(`tailwatt: ${sentence}`)
})

const quick = ['--requests', '300', '--cold', '1', '--idle', '0', '--sensors', 'none', '--quiet', '--json']

test('its options come from flags and variables, and reach the run, with what it says of itself', () => {
  const { status, stdout, stderr } = tailwatt(['toy:bear', '--weight', '1k', '--no-loud', ...quick], {
    TAILWATT_COLOUR: 'blue',
    TAILWATT_THREADS: '4',
  })
  expect([status, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toMatchObject({
    target: {
      kind: 'toy',
      name: 'bear',
      flow: 'blocking',
      engine: { options: { weight: 1000, colour: 'blue', loud: false } },
    },
    load: { timeout_ms: 1500 },
    requests: { sent: 300, ok: 300 },
  })
})

test('--advise tries what it declares, in its order', async () => {
  const path = pathToFileURL(join(copy, 'dist/session/experiment/advise.js')).href
  const advise = (await import(/* @vite-ignore */ path)) as typeof import('../dist/session/experiment/advise.js')
  const target = { kind: 'toy', options: { name: 'bear', weight: 4 } }
  expect(advise.settingsToTry(target, { cpus: 4, instances: 1 })).toEqual([
    { flag: '--no-loud', options: { loud: false } },
    { flag: '--weight 5', options: { weight: 5 } },
  ])
})
