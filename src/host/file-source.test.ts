// A file as a source of bytes: the same bytes whatever the order of asking.
import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openFileSource } from './file-source.ts'

const folder = mkdtempSync(join(tmpdir(), 'tailwatt-source-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('any order of reads gives the bytes that are there, and none beyond the end', () => {
  const bytes = Uint8Array.from({ length: 100_003 }, (_, i) => (i * 31 + (i >> 8)) & 255)
  const path = join(folder, 'bytes')
  writeFileSync(path, bytes)
  const source = openFileSource(path)
  expect(source.size).toBe(bytes.length)
  const request = fc.record({ offset: fc.nat(101_000), length: fc.nat(40_000) })
  fc.assert(
    fc.property(fc.array(request, { maxLength: 20 }), (requests) => {
      for (const { offset, length } of requests)
        expect(Buffer.from(source.read(offset, length)).equals(bytes.subarray(offset, offset + length))).toBe(true)
    }),
  )
  source.close()
})

test('a file that is not there is said to be so; a folder and a pipe are refused', () => {
  expect(() => openFileSource(join(folder, 'none'))).toThrow('file-not-found')
  expect(() => openFileSource(folder)).toThrow('is a folder, not a file')
  if (spawnSync('mkfifo', [join(folder, 'pipe')]).status !== 0) return
  expect(() => openFileSource(join(folder, 'pipe'))).toThrow('is a pipe, a socket or a device, not a file')
})
