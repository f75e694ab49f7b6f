import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { TailwattError } from './errors.ts'
import { bodySecrets, headerSecrets } from './redact-command.ts'
import { Redactor } from './redact-text.ts'

const key = 'sk-proj-7fQ2/9x+Zé"4'
const redactor = new Redactor([key, 'me:hunter2', 'hunter2'])

const encodings: readonly (readonly [string, string])[] = [
  ['as it is', key],
  ['percent-encoded', encodeURIComponent(key)],
  ['in JSON', JSON.stringify(key)],
  ['as bytes', Buffer.from(key).toString('latin1')],
  ['in base64', Buffer.from(key).toString('base64')],
  ['in basic authentication', `Basic ${btoa('me:hunter2')}`],
  ['in base64 of one byte a character', btoa(key).replace(/=+$/, '')],
]

test.each(encodings)('a secret that comes back is redacted: %s', (_, echo) => {
  const text = redactor.text(`the server says ${echo}, and ends`)
  expect(text).toContain('REDACTED')
  expect(text).not.toContain(echo)
  expect(text).toMatch(/^the server says .*, and ends$/)
})

test('a secret that was cut off is redacted, wherever it was cut', () => {
  const secret = fc.string({ unit: fc.constantFrom(...'abcXYZ0189-_.'), minLength: 16, maxLength: 40 })
  fc.assert(
    fc.property(secret, fc.nat(20), fc.nat(20), (s, from, length) => {
      const part = s.slice(from, from + 9 + length)
      fc.pre(part.length >= 9 && /[^a-z]/.test(part.slice(0, 8)) && /[^a-z]/.test(part.slice(1)))
      expect(new Redactor([s]).text(`status line "HTTP ${part}"`)).not.toContain(part)
    }),
  )
})

test('a percent-encoded secret is known decoded too', () => {
  expect(new Redactor(['p%40ss%2Fword']).text('wrong password p@ss/word')).toBe('wrong password REDACTED')
})

test('a short secret is found between other words only, and one of three characters not at all', () => {
  const short = new Redactor(['chat', 'abc'])
  expect(short.text('chat is no chatbot; abc')).toBe('REDACTED is no chatbot; abc')
})

test('our own words stay, whatever a prompt says', () => {
  const prompt = JSON.stringify({ prompt: 'why would the server refuse connections before the answer was complete?' })
  const own = 'the server closed the connection (closed before the answer was complete)'
  expect(new Redactor(bodySecrets(prompt)).text(own)).toBe(own)
})

test('strings of a body and words of a header are secrets of their own', () => {
  const parts = new Redactor([
    ...bodySecrets('{"n": {{ticket}}, "password":"swordfish","model":"m"}'),
    ...bodySecrets('user=me&phrase=open+sesame'),
    ...headerSecrets('Bearer pass7'),
    ...headerSecrets('sid=crumb; theme=dark'),
  ])
  expect(parts.text('no swordfish, no open sesame, no pass7, no crumb: bad password, Bearer expected')).toBe(
    'no REDACTED, no REDACTED, no REDACTED, no REDACTED: bad password, Bearer expected',
  )
})

test('data and errors are redacted throughout, and left alone where there is nothing to hide', () => {
  expect(redactor.data({ list: ['x', `y ${key}`], n: 1, none: null, deep: { text: 'hunter2' } })).toEqual({
    list: ['x', 'y REDACTED'],
    n: 1,
    none: null,
    deep: { text: 'REDACTED' },
  })
  const harmless = new TailwattError('file-not-found', { path: 'a.onnx' })
  expect(redactor.error(harmless)).toBe(harmless)
  const telling = redactor.error(
    new TailwattError('target-failed', { message: `bad ${key}` }, { cause: new Error(key) }),
  )
  expect(telling).toMatchObject({ code: 'target-failed', data: { message: 'bad REDACTED' } })
  expect((telling as Error).cause).toBeUndefined()
  expect(String(redactor.error(new Error(`no ${key}`)))).toBe('Error: no REDACTED')
})
