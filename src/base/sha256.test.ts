import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256 } from './sha256.ts'

const reference = (text: string): string => createHash('sha256').update(text, 'utf8').digest('base64')

test('is SHA-256', () => {
  expect(sha256('abc')).toBe('ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=')
  for (let length = 0; length < 200; length++) expect(sha256('é'.repeat(length))).toBe(reference('é'.repeat(length)))
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => sha256(text) === reference(text)))
})
