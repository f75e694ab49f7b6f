import { expect, test } from 'vitest'
import { templateBody } from './template.ts'

const bodyFor = (text: string, id: number, size: number): string => {
  const body = templateBody(text)
  return (Buffer.isBuffer(body) ? body : body({ id, size })).toString()
}

test('fields become the request’s number and size, in any spacing and by the name of 0.1', () => {
  expect(bodyFor('{"n": {{id}}, "again": {{ ticket }}, "size": {{ batch}}}', 7, 2)).toBe(
    '{"n": 7, "again": 7, "size": 2}',
  )
  expect(bodyFor('{{batch}}{{id}}', 3, 16)).toBe('163')
})

test('other braces stay as they are, and a text without fields is one body for all requests', () => {
  for (const text of ['', '{"a": {}}', '{{other}} {id} { {id} }']) expect(templateBody(text)).toEqual(Buffer.from(text))
})
