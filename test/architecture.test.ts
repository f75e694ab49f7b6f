// The layer table of ARCHITECTURE.md as a test: a folder imports only from folders above it, sibling adapters never import
// each other, only a `catalog.ts` names concrete adapters, and pure folders touch no clock, file or random source.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { expect, test } from 'vitest'
import { parseAst } from 'vitest/node'
import { sensorProviders } from '../src/sensors/catalog.ts'

const root = resolve(import.meta.dirname, '../src')

// From the bottom up; folders on one line may not import each other.
const layers: readonly (readonly string[])[] = [
  ['base'],
  ['units', 'stats'],
  ['run'],
  ['metrics', 'onnx', 'load', 'carbon', 'peaks'],
  ['zoo'],
  ['analysis', 'demo'],
  ['charts'],
  ['report'],
  ['host'],
  ['net'],
  ['sensors', 'targets'],
  ['store', 'ceilings'],
  ['runs'],
  ['session', 'server'],
  ['index.ts'],
  ['terminal'],
  ['cli'],
]

const pure = new Set([
  'base',
  'units',
  'stats',
  'run',
  'metrics',
  'onnx',
  'zoo',
  'load',
  'carbon',
  'peaks',
  'analysis',
  'demo',
  'charts',
  'report',
])
const adapters = new Set(['sensors', 'targets'])
/** Folders in them that are no adapters, but what several of one kind share. */
const families = new Set(['drm', 'http-meter'])

// Known exceptions, `file -> import`. This list is empty or shrinks.
const debts: readonly string[] = []

const rank = new Map(layers.flatMap((names, index) => names.map((name) => [name, index] as const)))

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : []
  })
}

function importsOf(text: string): string[] {
  const found: string[] = []
  for (const match of text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g,
  )) {
    found.push((match[1] ?? match[2] ?? match[3])!)
  }
  return found
}

const roomOf = (path: string): string => relative(root, path).split(sep)[0]!
/** In the generated schema the comments of the interfaces are strings. */
const description = /"description":"(?:[^"\\]|\\.)*"/g
const textOf = (path: string): string => {
  const text = readFileSync(path, 'utf8')
  return path.endsWith('.gen.ts') ? text.replace(description, '"description":""') : text
}
const files = sources(root).map((path) => ({ path, name: relative(root, path), text: textOf(path) }))

function violations(): string[] {
  const found: string[] = []
  for (const file of files) {
    const room = roomOf(file.path)
    if (!rank.has(room)) found.push(`${file.name}: folder ${room} is not in the layer table`)
    for (const specifier of importsOf(file.text)) {
      if (!specifier.startsWith('.')) {
        if (pure.has(room) && specifier.startsWith('node:')) found.push(`${file.name} -> ${specifier}`)
        continue
      }
      const target = resolve(dirname(file.path), specifier)
      const targetRoom = roomOf(target)
      if (targetRoom !== room) {
        const allowed = (rank.get(targetRoom) ?? Number.POSITIVE_INFINITY) < (rank.get(room) ?? -1)
        const concrete = adapters.has(targetRoom) && relative(root, target).split(sep).length > 2
        if (!allowed || concrete) found.push(`${file.name} -> ${relative(root, target)}`)
      }
      if (adapters.has(room) && targetRoom === room) {
        const own = relative(root, file.path).split(sep)
        const other = relative(root, target).split(sep)
        const crosses = other.length > 2 && own[1] !== other[1] && (!families.has(other[1]!) || own.length === 2)
        if (crosses && own.at(-1) !== 'catalog.ts') found.push(`${file.name} -> ${relative(root, target)}`)
      }
    }
  }
  return found
}

test('a folder imports only from folders above it in the table', () => {
  expect(violations()).toEqual([...debts])
})

test('nothing in a pure folder reads a clock, the environment or a random source', () => {
  const forbidden =
    /\b(?:Date\.now|new Date\(\)|performance\.now|process\.|Math\.random|setTimeout|setInterval|fetch\()/
  const found = files
    .filter((file) => pure.has(roomOf(file.path)) && forbidden.test(stripComments(file.text)))
    .map((file) => file.name)
  expect(found).toEqual([])
})

test('only the command line prints, and only it sets the exit code', () => {
  const forbidden =
    /console\.(?:log|error|warn|info)|process\.(?:stdout|stderr)\.write|process\.exitCode|process\.exit\(/
  const allowed = (name: string): boolean =>
    name.startsWith(`cli${sep}`) || name.endsWith('.worker.ts') || name.endsWith('.process.ts')
  const found = files
    .filter((file) => !allowed(file.name) && forbidden.test(stripComments(file.text)))
    .map((file) => file.name)
  expect(found).toEqual([])
})

test('only one file of it writes to the terminal', () => {
  const writes = /\b(?:stdout|stderr|stream)\.write\(|console\.|writeSync\((?:1|2)\b/
  const found = files
    .filter(({ path, text }) => roomOf(path) === 'cli' && writes.test(stripComments(text)))
    .map(({ name }) => name)
  expect(found).toEqual([join('cli', 'output.ts')])
})

test('the command line uses nothing but the library and the terminal', () => {
  const found = files
    // What runs first must load where so few files may be open that the library does not.
    .filter((file) => roomOf(file.path) === 'cli' && file.name !== join('cli', 'main.ts'))
    .flatMap((file) =>
      importsOf(file.text)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => roomOf(resolve(dirname(file.path), specifier)))
        .filter((room) => !['cli', 'terminal', 'index.ts'].includes(room))
        .map((room) => `${file.name} -> ${room}`),
    )
  expect(found).toEqual([])
})

test('markup is written in the one template, and nothing else is trusted or made a string', () => {
  const found = files.flatMap(({ name, path, text }) => {
    const calls = [...text.matchAll(/\b(trusted|render)\(/g)].map(([, call]) => call!)
    const misused = calls.filter((call) => name !== join('base', 'html.ts') && !doors[call]!.includes(name))
    // The command line has no markup; its `<file>` are the names of arguments.
    const strings = roomOf(path) === 'cli' ? [] : plainTexts(parseAst(text, { lang: 'ts' }, path))
    const markup = strings
      .filter((each) => !declaredFlag.test(each) && /<[/!]?[a-zA-Z]/.test(each.replace(placeholder, '')))
      .map((each) => each.slice(0, 60))
    return [...misused, ...markup].map((what) => `${name}: ${what}`)
  })
  expect(found).toEqual([])
})

/** Of a kind of target: a flag with the name of its argument. */
const declaredFlag = /^--[a-z-]+ <[^<>]+>$/

/** In a sentence about a path or a command. */
const placeholder = /<(?:pid|run|file|dir|path|name|model|target|host|port|url)>/g

const doors: Readonly<Record<string, readonly string[]>> = {
  trusted: [join('report', 'page.ts')],
  render: [join('report', 'html.ts'), join('server', 'live-page.ts')],
}

interface SyntaxNode {
  readonly type?: string
  readonly tag?: { readonly name?: string }
  readonly quasi?: { readonly expressions: unknown }
  readonly value?: unknown
}

/** Strings and templates but for those of the tag `html`. */
function plainTexts(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(plainTexts)
  if (typeof node !== 'object' || node === null) return []
  const { type, tag, quasi, value } = node as SyntaxNode
  if (type === 'TaggedTemplateExpression' && tag?.name === 'html') return plainTexts(quasi?.expressions)
  if (type === 'Literal') return typeof value === 'string' ? [value] : []
  if (type === 'TemplateElement') return [(value as { readonly raw: string }).raw]
  return Object.values(node).flatMap(plainTexts)
}

/**
 * Where an id of a sensor stands outside its own folder and the catalog, and why. A key is a file, or a folder. This list is
 * empty or shrinks.
 */
const namedElsewhere: Readonly<Record<string, readonly string[]>> = {
  // Told before the library is loaded, and for command lines of other programs too.
  'base/redact-command.ts': ['replay'],
  // Whose the chips are that it leaves alone.
  'sensors/hwmon/drivers.ts': ['acpi-meter', 'amdgpu', 'intel-gpu'],
  // What it imitates.
  demo: ['gpm/', 'hwmon/', 'nvml/', 'perf-event/', 'procfs/', 'rapl/', 'shelly', 'shelly/'],
}
/** Ids that are words of the field too: a throttle reason, a processor's model. */
const words = new Set(['model', 'thermal'])

test('a sensor is named in its own folder and in the catalog, nowhere else', () => {
  const ids = sensorProviders.map(({ id }) => id).filter((id) => !words.has(id))
  // `sensors/nvml` is the folder of `nvml` and of `gpm`.
  const folders = files.filter(({ path }) => roomOf(path) === 'sensors').map(({ name, text }) => [dirname(name), text])
  const isOwn = (id: string, name: string): boolean =>
    folders.some(([folder, text]) => folder === dirname(name) && text!.includes(`  id: '${id}',\n  summary:`))
  const found: Record<string, Set<string>> = {}
  for (const { name, path, text } of files.filter(
    ({ name }) => name !== join('sensors', 'catalog.ts') && !name.startsWith(join('run', 'upgrade')),
  )) {
    const place = roomOf(path) === 'demo' ? 'demo' : name.split(sep).join('/')
    for (const string of plainTexts(parseAst(text, { lang: 'ts' }, path)))
      for (const id of ids)
        if ((string === id || string.startsWith(`${id}/`)) && !isOwn(id, name))
          (found[place] ??= new Set()).add(string === id ? id : `${id}/`)
  }
  expect(Object.fromEntries(Object.entries(found).map(([place, names]) => [place, [...names].sort()]))).toEqual(
    namedElsewhere,
  )
})

test('what a sensor reads as a secret it declares, so that nothing it says repeats one', () => {
  const declared = sensorProviders.flatMap(({ secrets = [] }) => secrets)
  const used = files
    .filter(({ path }) => roomOf(path) === 'sensors')
    .filter(({ name, text }) => /\breadSecret\(/.test(text) && !name.endsWith(`${sep}secrets.ts`))
    .map(({ name, text }) => [name, declared.some((secret) => text.includes(`'${secret}'`))])
  expect(used.length).toBeGreaterThan(2)
  expect(used.filter(([, known]) => known !== true)).toEqual([])
})

test('only the writer of a run, and what makes one up, says which recording a row is of', () => {
  const found = files
    .filter(({ text }) => /\brecordings\[\d|\brecording: \d/.test(stripComments(text)))
    .map(({ name }) => name)
  expect(found).toEqual([])
})

test('only the store names the files of a run', () => {
  const found = files
    .filter((file) => roomOf(file.path) !== 'store' && /\.parquet\b|journal\.bin/.test(stripComments(file.text)))
    .map((file) => file.name)
  expect(found).toEqual([])
})

test('only the door of the store opens, renames or removes the files of a run by path', () => {
  // On what is open already, and on a path the user named.
  const allowed = [
    'closeSync',
    'fdatasync',
    'fdatasyncSync',
    'ftruncateSync',
    'readFully',
    'writeFully',
    'writeNamedFile',
  ]
  const found = files
    .filter((file) => roomOf(file.path) === 'store' && !file.name.endsWith(`${sep}door.ts`))
    .flatMap((file) =>
      [...file.text.matchAll(/import (?!type)([^'"]*?) from '(?:node:fs(?:\/promises)?|[./]*host\/regular-file\.ts)'/g)]
        .flatMap(([, clause]) => clause!.split(/[{},\s]+/).filter(Boolean))
        .filter((name) => !allowed.includes(name))
        .map((name) => `${file.name} uses ${name}`),
    )
  expect(found).toEqual([])
})

// Data tables may be longer, and nothing else.
const dataTables: readonly string[] = []

test('no file is longer than 300 lines', () => {
  const found = files.filter(({ text }) => text.split('\n').length > 301).map(({ name }) => name)
  expect(found.filter((name) => !dataTables.includes(name))).toEqual([])
})

test('no file imports itself over others', () => {
  const imports = new Map(
    files.map(({ path, text }) => {
      const relatives = importsOf(text).filter((specifier) => specifier.startsWith('.'))
      return [path, relatives.map((specifier) => resolve(dirname(path), specifier))]
    }),
  )
  const reaches = (from: string, seen = new Set<string>()): Set<string> => {
    for (const next of imports.get(from) ?? [])
      if (!seen.has(next)) {
        seen.add(next)
        reaches(next, seen)
      }
    return seen
  }
  expect(files.filter(({ path }) => reaches(path).has(path)).map(({ name }) => name)).toEqual([])
})

/** Files that bear the id their finding has in format 2. */
const renamedInFormat2 = ['bimodal-latency.ts', 'sensor-aliasing.ts']

test('a metric, a finding and a verb stand in a file of their own name', () => {
  const kebab = (id: string): string => id.replaceAll('_', '-')
  const stray = (folder: string, ids: RegExp, shared: readonly string[]): readonly string[] =>
    files
      .filter(({ name }) => name.startsWith(join(...folder.split('/')) + sep) && !shared.includes(basename(name)))
      .filter(({ name, text }) => {
        const found = [...text.matchAll(ids)].map(([, id]) => kebab(id!))
        return found.length !== 1 || `${found[0]}.ts` !== basename(name)
      })
      .map(({ name }) => name)
  expect([
    ...stray('metrics', /^  id: '([a-z0-9_]+)'/gm, ['catalog.ts', 'metric.ts', 'percentile.ts']),
    ...stray('analysis/findings', /^  id: '([a-z0-9-]+)'/gm, ['catalog.ts', 'finding.ts', ...renamedInFormat2]),
    ...stray('cli/verbs', /\.command\('([a-z]+)(?: [[<][^']*)?'\)/g, [
      'misfits.ts',
      'run-flags.ts',
      'run-plan.ts',
      'zoo.ts',
    ]),
  ]).toEqual([])
})

function stripComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:])\/\/.*$/gm, '$1')
}
