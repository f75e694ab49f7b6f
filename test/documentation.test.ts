// What the documents must not miss: each sensor, each folder, each key of run.json, each finding; and no link leads nowhere.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { findingCatalog } from '../src/analysis/findings/catalog.ts'
import { errorKinds } from '../src/base/errors.ts'
import { metricCatalog } from '../src/metrics/catalog.ts'
import { runJsonSchema } from '../src/run/schema.ts'
import { sensorProviders } from '../src/sensors/catalog.ts'

const root = resolve(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const folders = (path: string): readonly string[] =>
  readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)

interface JsonSchema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly anyOf?: readonly JsonSchema[]
}

/** Keys of the object at a path, which may be null instead. */
function keysAt(...path: readonly string[]): readonly string[] {
  const root = runJsonSchema() as JsonSchema
  const objectOf = ({ anyOf, ...schema }: JsonSchema): JsonSchema => {
    if (anyOf) return anyOf.map(objectOf).find(({ properties }) => properties)!
    return schema.$ref === undefined ? schema : objectOf(root.$defs![schema.$ref.slice('#/$defs/'.length)]!)
  }
  let at = root
  for (const key of path) at = objectOf(at.properties![key]!)
  return Object.keys(at.properties!)
}

test('every sensor has a row in docs/sensors.md, and a name in ARCHITECTURE.md', () => {
  const rows = read('docs/sensors.md')
  expect(sensorProviders.map(({ id }) => id).filter((id) => !rows.includes(`\n| \`${id}\` |`))).toEqual([])
  const map = read('ARCHITECTURE.md')
  expect(folders('src/sensors').filter((name) => !map.includes(`\`${name}/\``))).toEqual([])
})

test('every folder of src has a row in the code map, and every row its folder', () => {
  const rows = [...read('ARCHITECTURE.md').matchAll(/^\| `([a-z]+)\/` \|/gm)].map(([, name]) => name!)
  expect(rows.toSorted()).toEqual(folders('src').toSorted())
})

test.each([[], ['energy'], ['energy_context'], ['utilization'], ['ceilings'], ['thermal'], ['power']])(
  'docs/run-format.md knows the keys of run.json: %s',
  (...path: readonly string[]) => {
    const text = read('docs/run-format.md')
    expect(keysAt(...path).filter((key) => !new RegExp(`\`(?:[\\w.]+\\.)?${key}\``).test(text))).toEqual([])
  },
)

test('every finding is explained in docs/findings.md', () => {
  const text = read('docs/findings.md')
  expect(findingCatalog.filter(({ id, explain }) => !text.includes(`## \`${id}\``) || !text.includes(explain))).toEqual(
    [],
  )
})

test('docs/cli.md has every metric and every error with its remedy', () => {
  const text = read('docs/cli.md')
  const rows = [
    ...metricCatalog.map(
      ({ id, unit, better, formula }) => `| \`${id}\` | ${unit} | ${better} | ${formula.replaceAll('|', '\\|')} |`,
    ),
    ...Object.entries(errorKinds).map(
      ([code, { exit, title, remedy }]) => `| \`${code}\` | ${exit} | ${title} | ${remedy} |`,
    ),
  ]
  expect(rows.filter((row) => !text.includes(row))).toEqual([])
  const errors = text.slice(text.indexOf('## Errors'))
  expect([...errors.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code)).toEqual(Object.keys(errorKinds))
})

test('no link of a document leads nowhere', () => {
  const pages = [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ]
  const anchorsOf = (path: string): readonly string[] =>
    [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    )
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link]) => link!)
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [path, anchor] = link.split('#')
        const target = path === '' ? join(root, page) : resolve(root, dirname(page), path!)
        return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor))
      })
      .map((link) => `${page}: ${link}`),
  )
  expect(broken).toEqual([])
})
