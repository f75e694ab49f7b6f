import { expect, test } from 'vitest'
import type { Reading } from '../option.ts'
import { httpKind } from './kind.ts'

const { headers, method, timeoutMs } = httpKind.options

/** The value that these texts give together, or the refusal. */
function read<T>(reads: Reading<T>, ...texts: readonly string[]): T | string | undefined {
  let value: T | undefined
  for (const text of texts) {
    if (reads.form !== 'text' && reads.form !== 'texts') return reads.form
    const result = reads.parse(text, value)
    if (!result.ok) return result.error
    value = result.value
  }
  return value
}

test('headers add up; what no header can be is refused', () => {
  expect(read(headers.reads, 'a: b, c', 'x-y :\td ')).toEqual({ a: 'b, c', 'x-y': 'd' })
  expect(read(headers.reads, 'a')).toBe('it needs the form name: value')
  expect(read(headers.reads, 'a: €')).toBe('it holds characters that a header cannot')
})

test('a method is one word; a timeout is a duration above 0', () => {
  expect(read(method.reads, 'PUT')).toBe('PUT')
  expect(read(method.reads, 'P T')).toBe('it needs a method of HTTP, such as PUT')
  expect(read(timeoutMs.reads, '1.5s')).toBe(1500)
  expect(read(timeoutMs.reads, '0s')).toMatch(/^it needs a duration/)
})

test('an address of another protocol is ours to refuse', () => {
  expect(httpKind.matches('ftp://host/')).toBe(true)
  expect(() => httpKind.resolve('ftp://host/')).toThrow(expect.objectContaining({ code: 'usage' }))
  expect(() => httpKind.resolve('http://host/', { bodyFile: '/nowhere' })).toThrow(
    expect.objectContaining({ code: 'file-not-found' }),
  )
})
