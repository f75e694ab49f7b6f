import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Host } from './host.ts'
import { realHost } from './real-host.ts'
import { systemError, virtualHost } from './virtual-host.ts'
import { KeptFile, openOnce } from './kept-file.ts'

/** Counts openings; a read fails with `error` while there is one. */
function scripted(): { host: Host; state: { opens: number; closes: number; error: string; now: number } } {
  const state = { opens: 0, closes: 0, error: '', now: 0 }
  const answer = (): string => {
    if (state.error !== '') throw systemError(state.error, 'f')
    return '7'
  }
  const open: Host['open'] = () => {
    state.opens++
    return { text: answer, bytes: () => Buffer.from(answer()), close: () => void state.closes++ }
  }
  return { host: { open, now: () => state.now } as unknown as Host, state }
}

test('stays open over reads that fail for a while', () => {
  const { host, state } = scripted()
  const file = new KeptFile(host, 'f')
  expect(file.number()).toBe(7)
  state.error = 'EBUSY'
  expect(file.number()).toBeUndefined()
  expect(file.error).toBe('EBUSY')
  state.error = ''
  expect(file.number()).toBe(7)
  expect(state).toMatchObject({ opens: 1, closes: 0 })
})

test('is opened anew, at most once a second, when its device went away and came back', () => {
  const { host, state } = scripted()
  const file = new KeptFile(host, 'f')
  const numberAt = (now: number): number | undefined => {
    state.now = now
    return file.number()
  }
  numberAt(0)
  state.error = 'ENODEV'
  expect(numberAt(1e9)).toBeUndefined()
  expect(state).toMatchObject({ opens: 1, closes: 1 })
  expect(numberAt(2e9)).toBeUndefined()
  expect(numberAt(2.5e9)).toBeUndefined()
  expect(state).toMatchObject({ opens: 2, closes: 2 })
  state.error = ''
  expect(numberAt(3.1e9)).toBe(7)
})

test('that is not there is looked for once a second', () => {
  const host = virtualHost()
  const file = new KeptFile(host, '/late')
  expect(file.text()).toBeUndefined()
  expect(file.error).toBe('ENOENT')
  host.machine.files['/late'] = 'here\n'
  expect(file.text()).toBeUndefined()
  host.advance(1e9)
  expect(file.text()).toBe('here')
})

test('is closed for good', () => {
  const { host, state } = scripted()
  const file = new KeptFile(host, 'f')
  file.number()
  file.close()
  file.close()
  state.now = 5e9
  expect(file.number()).toBeUndefined()
  expect(state).toMatchObject({ opens: 1, closes: 1 })
})

test('of a process is opened at once and never again: its number may be another’s by then', () => {
  const { host, state } = scripted()
  const file = openOnce(host, 'f')!
  expect(state.opens).toBe(1)
  expect(file.text()).toBe('7')
  state.error = 'ENODEV'
  expect(file.text()).toBeUndefined()
  state.error = ''
  state.now = 5e9
  expect(file.text()).toBeUndefined()
  expect(state).toMatchObject({ opens: 1, closes: 1 })
  expect(openOnce(virtualHost(), '/proc/7/stat')).toBeUndefined()
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
