import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Host } from './host.ts'
import { realHost } from './real-host.ts'
import { systemError } from './virtual-host.ts'
import { KeptFile } from './kept-file.ts'

/** Counts openings; a read fails with `error` while there is one. */
function scripted(): { host: Host; state: { opens: number; closes: number; error: string } } {
  const state = { opens: 0, closes: 0, error: '' }
  const answer = (): string => {
    if (state.error !== '') throw systemError(state.error, 'f')
    return '7'
  }
  const open: Host['open'] = () => {
    state.opens++
    return { text: answer, bytes: () => Buffer.from(answer()), close: () => void state.closes++ }
  }
  return { host: { open } as unknown as Host, state }
}

test('stays open over reads that fail for a while', () => {
  const { host, state } = scripted()
  const file = new KeptFile(host, 'f')
  expect(file.number(0)).toBe(7)
  state.error = 'EBUSY'
  expect(file.number(1)).toBeUndefined()
  expect(file.error).toBe('EBUSY')
  state.error = ''
  expect(file.number(2)).toBe(7)
  expect(state).toMatchObject({ opens: 1, closes: 0 })
})

test('is opened anew, at most once a second, when its device went away and came back', () => {
  const { host, state } = scripted()
  const file = new KeptFile(host, 'f')
  file.number(0)
  state.error = 'ENODEV'
  expect(file.number(1e9)).toBeUndefined()
  expect(state).toMatchObject({ opens: 1, closes: 1 })
  expect(file.number(2e9)).toBeUndefined()
  expect(file.number(2.5e9)).toBeUndefined()
  expect(state).toMatchObject({ opens: 2, closes: 2 })
  state.error = ''
  expect(file.number(3.1e9)).toBe(7)
})

test('reads bytes as they are, and numbers only where there is nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tailwatt-kept-'))
  try {
    const path = join(folder, 'file')
    // Longer than the first buffer, with what looks like spaces at both ends.
    const content = Buffer.alloc(5000, 0x20)
    content[0] = 0xa0
    writeFileSync(path, content)
    const file = new KeptFile(realHost(), path)
    expect(Buffer.compare(Buffer.from(file.bytes()!), content)).toBe(0)
    expect(file.number()).toBeUndefined()
    for (const text of ['12 34', '0x10', '1e3', 'N/A', '']) {
      writeFileSync(path, text)
      expect(file.number(), text).toBeUndefined()
    }
    writeFileSync(path, '-40\n')
    expect(file.number()).toBe(-40)
    file.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
