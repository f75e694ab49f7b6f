import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { loadNativeLibrary } from './library.ts'

const koffi = ((): boolean => {
  try {
    return createRequire(import.meta.url).resolve('koffi') !== ''
  } catch {
    return false
  }
})()

test('a library that is not there says by a code which is missing: it, or the package that loads libraries', () => {
  expect(loadNativeLibrary(['libtailwatt-no-such.so.1'])).toMatchObject({
    ok: false,
    code: koffi ? 'no-library' : 'no-loader',
    reason: expect.stringMatching(/./) as string,
  })
})
