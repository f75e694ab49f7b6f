import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printable, printableData, visible } from './printable.ts'

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const acting = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

describe('text from outside', () => {
  test.each([
    ['a colour', '\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
    ['the clipboard (OSC 52)', '\u001b]52;c;aGk=\u0007', '\\u001b]52;c;aGk=\\u0007'],
    ['a C1 sequence', '\u009b2J', '\\u009b2J'],
    ['a reversed line', 'a\u202eb\u2066', 'a\\u202eb\\u2066'],
    ['nothing and rubout', '\u0000\u007f', '\\u0000\\u007f'],
    ['a line that is none of ours', 'a\r\nSLA pass', 'a SLA pass'],
    ['columns that are none of ours', 'a\tb', 'a b'],
    ['half a character', 'a\ud800b', 'a\\ud800b'],
    ['what people write', 'Größe 測定 🔥 – “é”', 'Größe 測定 🔥 – “é”'],
  ])('%s', (_, text, shown) => expect(printable(text)).toBe(shown))

  test('holds nothing that acts, and what is shown once is shown the same again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = printable(text)
        expect(shown).not.toMatch(acting)
        expect(() => encodeURIComponent(shown), 'no half of a character').not.toThrow()
        expect(printable(shown)).toBe(shown)
      }),
    )
  })

  test('is the same JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.string({ unit: 'binary' }), (json, text) => {
        expect(JSON.parse(visible(json))).toEqual(JSON.parse(json))
        expect(JSON.parse(visible(JSON.stringify({ [text]: text })))).toEqual({ [text]: text })
      }),
    )
  })

  test('in data: every value and key, numbers and the rest as they were', () => {
    const bytes = new Uint8Array([1])
    expect(printableData({ '\u001b': ['\u009b', { a: '\n' }], n: 1, no: null, bytes })).toEqual({
      '\\u001b': ['\\u009b', { a: ' ' }],
      n: 1,
      no: null,
      bytes,
    })
  })
})
