// Writes the JSON schema of what a run stores, from the interfaces in src/run/: their comments become descriptions, the tags
// of src/run/refined.ts narrower types. `--check` fails where a written file is not what the interfaces say.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createGenerator } from 'ts-json-schema-generator'

const file = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** What is read beside the whole document. */
const parts = ['Manifest', 'HostCeilings', 'Channel', 'EventData']

/** Keywords as they are. Any other is refused: `src/run/shape.ts` would pass over it. */
const plain = [
  'type',
  'const',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'required',
  'description',
]

const isNever = ({ not }) => not !== undefined && Object.keys(not).length === 0
const mapped = (schemas, where) =>
  Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, translated(schema, `${where}.${key}`)]))

/** A schema of draft 7 as one of draft 2020-12, keys in the order of the interface. */
function translated(schema, where) {
  const beside = Object.keys(schema).filter((keyword) => !['$ref', 'anyOf', 'description'].includes(keyword))
  if ((schema.$ref || schema.anyOf) && beside.length > 0)
    throw new Error(
      `${where}: nothing checks ${beside} beside a reference or a choice; an alias of its own can have it`,
    )
  const result = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === '$ref') result.$ref = value.replace('#/definitions/', '#/$defs/')
    else if (keyword === 'properties') result.properties = mapped(value, where)
    // `undefined`, which no JSON has.
    else if (keyword === 'anyOf')
      result.anyOf = value.filter((one) => !isNever(one)).map((one) => translated(one, where))
    else if (keyword === 'items' || keyword === 'additionalProperties') result[keyword] = translated(value, where)
    else if (plain.includes(keyword)) result[keyword] = value
    else throw new Error(`${where}: nothing checks ${keyword}: ${JSON.stringify(value)}`)
  }
  if (result.required) result.required = Object.keys(result.properties).filter((key) => result.required.includes(key))
  return result
}

function definitions() {
  const generator = createGenerator({
    path: file('src/run/{document,event}.ts'),
    tsconfig: file('tsconfig.json'),
    additionalProperties: true,
    skipTypeCheck: true,
    sortProps: false,
  })
  return Object.assign(
    {},
    ...['RunDocument', ...parts].map((root) => mapped(generator.createSchema(root).definitions, '')),
  )
}

const { RunDocument, ...$defs } = definitions()
const head = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'tailwatt run',
  description: 'run.json of a tailwatt run folder',
  ...RunDocument,
}

/** One definition a line. */
const module = `// Written by tools/write-schema.mjs from the interfaces beside it: npm run schema.
import type { RootSchema } from './shape.ts'

export const runSchema: RootSchema<${parts.map((name) => `'${name}'`).join(' | ')}> = {
${Object.entries(head)
  .map(([keyword, value]) => `  ${keyword}: ${JSON.stringify(value)},\n`)
  .join('')}  $defs: {
${Object.entries($defs)
  .map(([name, schema]) => `    ${name}: ${JSON.stringify(schema)},\n`)
  .join('')}  },
}
`

const texts = {
  'schema/tailwatt.run-2.schema.json': `${JSON.stringify({ ...head, $defs }, null, 2)}\n`,
  'src/run/schema.gen.ts': module,
}
for (const [path, text] of Object.entries(texts)) {
  if (!process.argv.includes('--check')) writeFileSync(file(path), text)
  else if (!existsSync(file(path)) || readFileSync(file(path), 'utf8') !== text) {
    console.error(`${path} is not what the interfaces say: npm run schema`)
    process.exitCode = 1
  }
}
