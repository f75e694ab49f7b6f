// Help is instant: it loads what the kinds of targets declare, and nothing that measures, reads a model or opens a run.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-help-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

interface Coverage {
  readonly result: readonly { readonly url: string }[]
}

/** Every script that a command loaded, by its path in the project. Node's coverage counts them all, also CommonJS. */
function loadedBy(args: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(scratch, 'coverage-'))
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_V8_COVERAGE: folder },
  })
  expect([status, stderr]).toEqual([0, ''])
  const base = pathToFileURL(`${root}/`).href
  return readdirSync(folder)
    .flatMap((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as Coverage).result)
    .flatMap(({ url }) => {
      const at = url.indexOf('/node_modules/')
      return url.startsWith(base) ? [url.slice(base.length)] : at >= 0 ? [url.slice(at + 1)] : []
    })
}

/** In dist: the rooms that help has no business in. What is light in `net/` and `targets/` is not among them. */
const heavy =
  /^dist\/(?:onnx|zoo|analysis|charts|report|store|runs|session|sensors|server|ceilings|demo)\/|^dist\/net\/(?!http-address\.js|http1\/field\.js)|^dist\/targets\/[^/]+\/(?!(?:kind|options)\.js)|^node_modules\/(?!commander\/)/

test.each([[[]], [['--help']], [['run', '--help']]])(
  'tailwatt %j loads only what is light',
  (args: readonly string[]) => {
    const loaded = loadedBy(args)
    expect(loaded).toEqual(expect.arrayContaining(['dist/cli/program.js', 'dist/targets/onnx/options.js']))
    expect(loaded.filter((path) => heavy.test(path))).toEqual([])
  },
)

test('what is heavy would be seen', () => {
  const seen = [...loadedBy(['show', 'demo:h100']), ...loadedBy(['zoo', 'list'])].filter((path) => heavy.test(path))
  expect(seen.some((path) => path.startsWith('node_modules/hyparquet/'))).toBe(true)
  expect(seen.some((path) => path.startsWith('dist/onnx/'))).toBe(true)
})
