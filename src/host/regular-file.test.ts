// Files that others may have put there: regular ones only, and new ones whole or not at all.
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createFile, pathKind, readRegular, replaceFile, writeFully, writeNamedFile } from './regular-file.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-file-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const fresh = (): string => mkdtempSync(join(scratch, 'folder-'))
const most = 100
const write =
  (text: string) =>
  (fd: number): void =>
    writeFully(fd, Buffer.from(text))

test('a file is read whole, up to the size that is allowed and no further', () => {
  const path = join(fresh(), 'file')
  writeFileSync(path, 'x'.repeat(most))
  expect(readRegular(path, { most }).toString()).toBe('x'.repeat(most))
  truncateSync(path, 5e9)
  expect(() => readRegular(path, { most })).toThrow('has 5.00 GB, more than the 100 B allowed')
})

describe.skipIf(process.platform === 'win32')('what is no file', () => {
  test('is not read, and nobody waits for it', () => {
    const folder = fresh()
    spawnSync('mkfifo', [join(folder, 'pipe')])
    mkdirSync(join(folder, 'folder'))
    symlinkSync('/dev/zero', join(folder, 'device'))
    writeFileSync(join(folder, 'file'), 'text')
    symlinkSync('file', join(folder, 'link'))
    const read =
      (name: string, followLinks: boolean): unknown =>
      () =>
        readRegular(join(folder, name), { most, followLinks })
    expect(read('pipe', false)).toThrow('is a pipe, a socket or a device, not a file')
    expect(read('pipe', true)).toThrow('is a pipe, a socket or a device, not a file')
    expect(read('device', true)).toThrow('is a pipe, a socket or a device, not a file')
    expect(read('folder', true)).toThrow('is a folder, not a file')
    expect(read('link', false)).toThrow('is a link, not a file')
    expect(readRegular(join(folder, 'link'), { most, followLinks: true }).toString()).toBe('text')
    const names = ['pipe', 'folder', 'file', 'link', 'none']
    expect(names.map((name) => pathKind(join(folder, name)))).toEqual(['other', 'folder', 'file', 'link', 'none'])
  })

  test('is replaced by a file, and what a link leads to stays', () => {
    const folder = fresh()
    writeFileSync(join(folder, 'precious'), 'precious')
    for (const name of ['link', 'dangling', 'pipe']) {
      const path = join(folder, name)
      if (name === 'pipe') spawnSync('mkfifo', [path])
      else symlinkSync(name === 'link' ? 'precious' : 'new', path)
      replaceFile(path, write('text'))
      expect(lstatSync(path).isFile()).toBe(true)
      expect(readFileSync(path, 'utf8')).toBe('text')
    }
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('precious')
    expect(readdirSync(folder).sort()).toEqual(['dangling', 'link', 'pipe', 'precious'])
  })

  test('is in the way of a new file', () => {
    const folder = fresh()
    symlinkSync('new', join(folder, 'link'))
    expect(() => createFile(join(folder, 'link'))).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    closeSync(createFile(join(folder, 'file')))
    expect(() => createFile(join(folder, 'file'))).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    expect(readdirSync(folder)).toEqual(['file', 'link'])
  })
})

test('a file that could not be written whole leaves the one before it and nothing else', () => {
  const folder = fresh()
  const path = join(folder, 'file')
  writeFileSync(path, 'before')
  const half = (fd: number): void => {
    write('half')(fd)
    throw new Error('the disk is full')
  }
  expect(() => replaceFile(path, half)).toThrow('the disk is full')
  expect(readFileSync(path, 'utf8')).toBe('before')
  mkdirSync(join(folder, 'folder'))
  expect(() => replaceFile(join(folder, 'folder'), write('text'))).toThrow()
  expect(readdirSync(folder).sort()).toEqual(['file', 'folder'])
})

describe.skipIf(process.platform === 'win32')('a path the user named', () => {
  test('is followed when it is a link', () => {
    const folder = fresh()
    writeFileSync(join(folder, 'page'), 'before')
    symlinkSync('page', join(folder, 'link'))
    writeNamedFile(join(folder, 'link'), Buffer.from('after'))
    expect(readFileSync(join(folder, 'page'), 'utf8')).toBe('after')
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['link', 'page'])
  })

  test('is written to where it is no file', () => {
    writeNamedFile('/dev/null', Buffer.from('text'))
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true)
    expect(() => writeNamedFile(fresh(), Buffer.from('text'))).toThrow(expect.objectContaining({ code: 'EISDIR' }))
  })
})
