// A fact keeps its type to the end: what tailwatt wrote as text for people is read back by no code but the upgrades of old
// runs, which have nothing else. Text of the system, of an engine or a device is another matter: its adapter reads it.
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../src')

const looksInto = 'includes|startsWith|endsWith|indexOf|lastIndexOf|search|match|matchAll|split'
/** Keys of ours that hold sentences. */
const sentences = 'reason|how|title|remedy|advice'
const parses = new RegExp(
  [
    // How our own lists and sentences are joined.
    String.raw`\w*[!?]*\.split\('(?: \+ |; | of )'\)`,
    // Lines are no words.
    String.raw`\b(?:${sentences})[!?]*\.(?:${looksInto})\('(?!\\n)[^']*'\)`,
    String.raw`\.test\((?:\w+[!?]*\.)*(?:${sentences})\)`,
    // A phrase that a text is searched for.
    String.raw`\w+[!?]*\.(?:startsWith|endsWith|includes)\('[a-z]+ [^']*'\)`,
  ].join('|'),
  'g',
)

/** Begins a file of Git LFS. */
const foreign = ["onnx/foreign-kind.ts: start.startsWith('version https://git-lfs')"]

const found = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !/^run[/\\]upgrade/.test(name))
  .flatMap((name) => {
    const code = readFileSync(join(root, name), 'utf8').replaceAll(/^\s*(?:\/\/|\*|\/\*\*).*$/gm, '')
    return [...code.matchAll(parses)].map(([text]) => `${name.replaceAll(sep, '/')}: ${text}`)
  })

test('nothing but an upgrade reads a text that tailwatt wrote', () => {
  expect(found).toEqual(foreign)
})
