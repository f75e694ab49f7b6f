// Writes the published JSON schema of run.json from the code (`--check`: fails when the file is not what the code says).
import { readFileSync, writeFileSync, existsSync } from 'node:fs'

const path = new URL('../schema/tailwatt.run-2.schema.json', import.meta.url)
const { runJsonSchema } = await import('../dist/run/schema.js')
const text = `${JSON.stringify(runJsonSchema(), null, 2)}\n`
if (!process.argv.includes('--check')) writeFileSync(path, text)
else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
  console.error('schema/tailwatt.run-2.schema.json is not what the code says: npm run schema')
  process.exit(1)
}
