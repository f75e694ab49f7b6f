// A fact keeps its type to the end: what tailwatt wrote as text for people is read back by no code but the upgrades of old
// runs, which have nothing else. Text of the system, of an engine or a device is another matter: its adapter reads it.
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../src')

const looksInto = 'includes|startsWith|endsWith|indexOf|lastIndexOf|search|match|matchAll|split'
/** Keys of ours that hold sentences, and `source`, which holds several ids or a sentence. */
const sentences = 'reason|caution|title|remedy|advice|source'
const parses = new RegExp(
  [
    // How our own lists and sentences are joined.
    String.raw`\w*[!?]*\.split\('(?: \+ |; | of )'\)`,
    // Lines are no words.
    String.raw`\b(?:${sentences})[!?]*\.(?:${looksInto})\('(?!\\n)[^']*'\)`,
    String.raw`\.test\((?:\w+[!?]*\.)*(?:${sentences})\)`,
    // A phrase that a text is searched for.
    String.raw`\w+[!?]*\.(?:startsWith|endsWith|includes)\('[a-z]+ [^']*'\)`,
    // Names of the parts of the energy chain.
    String.raw`\bname\.startsWith\('(?:target|tailwatt)'\)`,
  ].join('|'),
  'g',
)

/** `file: what it does`. This list is empty or shrinks. */
const debts: readonly string[] = [
  // Sources, cautions and parts of the chain are to be lists.
  "analysis/energy/figures.ts: ?.split(' + ')",
  "analysis/energy/figures.ts: caution?.split('; ')",
  "charts/energy-chain-chart.ts: name.startsWith('target')",
  "report/energy/chain-card.ts: .split(' + ')",
  "report/energy/chain-card.ts: .split(' of ')",
  "report/energy/chain-card.ts: name.startsWith('tailwatt')",
  "analysis/energy/energy-curves.ts: source?.split(' + ')",
  "analysis/energy/window.ts: source.split(' + ')",
  "terminal/energy-lines.ts: caution?.startsWith('below resolution')",
  "terminal/energy-lines.ts: ids.split(' + ')",
  // Of a default PUE its provider and year stand before the colon.
  "terminal/energy-lines.ts: source.split(':')",
  // How an input is filled is stored as a phrase.
  "onnx/inputs.ts: text.startsWith('the length')",
  "onnx/inputs.ts: text.startsWith('token ids')",
]

/** Begins a file of Git LFS. */
const foreign = ["onnx/foreign-kind.ts: start.startsWith('version https://git-lfs')"]

const found = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !/^run[/\\]upgrade/.test(name))
  .flatMap((name) => {
    const code = readFileSync(join(root, name), 'utf8').replaceAll(/^\s*(?:\/\/|\*|\/\*\*).*$/gm, '')
    return [...code.matchAll(parses)].map(([text]) => `${name.replaceAll(sep, '/')}: ${text}`)
  })

test('nothing but an upgrade reads a text that tailwatt wrote', () => {
  expect(found.toSorted()).toEqual([...debts, ...foreign].toSorted())
})
