import { expect, test } from 'vitest'
import { requestBytes, type RequestParts } from './request-bytes.ts'

interface Numbered {
  readonly id: number
}
const parts = (more: Partial<RequestParts<Numbered>> = {}): RequestParts<Numbered> => ({
  method: 'POST',
  url: new URL('http://user:secret@127.0.0.1:8000/v1/infer?x=1#part'),
  headers: {},
  body: undefined,
  ...more,
})
const request = { id: 7 }
const text = (more: Partial<RequestParts<Numbered>>): string =>
  requestBytes(parts(more))(request).bytes.toString('latin1')

test('a request without a body ends with its headers', () => {
  expect(text({ method: 'GET' })).toBe('GET /v1/infer?x=1 HTTP/1.1\r\nhost: 127.0.0.1:8000\r\naccept: */*\r\n\r\n')
})

test('the length of a body is that of its bytes, not of its characters', () => {
  expect(text({ body: ({ id }) => Buffer.from(`größe ${id}`) })).toMatch(/content-length: 9\r\n\r\n.*7$/)
  expect(requestBytes(parts({ body: Buffer.from([0, 255]) }))(request).bodyBytes).toBe(2)
})

test('given headers replace ours, whatever their case; framing stays ours', () => {
  const sent = text({ headers: { Host: 'a.example', 'Content-Length': '999', 'x-key': 'k' }, body: Buffer.from('ok') })
  expect(sent.match(/^host: .*$/gim)).toEqual(['host: a.example'])
  expect(sent.match(/^content-length: .*$/gim)).toEqual(['content-length: 2'])
  expect(sent).toContain('x-key: k\r\n')
})

test('nothing can be smuggled in by a header or a method', () => {
  for (const headers of [{ 'x-a': 'b\r\nx-c: d' }, { 'x a': 'b' }, { 'x-a': '\u20ac' }])
    expect(() => text({ headers })).toThrow(expect.objectContaining({ code: 'usage' }))
  expect(() => text({ method: 'GET / HTTP/1.1\r\nx: ' })).toThrow(expect.objectContaining({ code: 'usage' }))
})
