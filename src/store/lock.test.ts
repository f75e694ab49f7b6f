import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lockState, releaseLock, takeLock, type LockFacts } from './lock.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-lock-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const fresh = (): string => mkdtempSync(join(scratch, 'run-'))
const lockOf = (folder: string): string => join(folder, 'lock')

/** A folder whose lock says something else than ours in some respects. */
function lockedBy(changes: Partial<LockFacts>): string {
  const folder = fresh()
  takeLock(folder, 'measure')
  const own = JSON.parse(readFileSync(lockOf(folder), 'utf8')) as LockFacts
  writeFileSync(lockOf(folder), JSON.stringify({ ...own, ...changes }))
  return folder
}

const longAgo = (folder: string): string => {
  utimesSync(lockOf(folder), new Date(0), new Date(0))
  return folder
}

test('a folder is locked by one, and free again once released', () => {
  const folder = fresh()
  expect(lockState(folder)).toBe('none')
  expect(takeLock(folder, 'measure')).toBe(true)
  expect(lockState(folder)).toBe('live')
  expect(takeLock(folder, 'measure')).toBe(false)
  expect(readdirSync(folder)).toEqual(['lock'])
  releaseLock(folder)
  expect(lockState(folder)).toBe('none')
  expect(takeLock(folder, 'measure')).toBe(true)
})

test('a lock that is no lock is dead and can be taken over', () => {
  for (const text of ['', '{"pid":', 'null', '[]', '{"pid":"1"}']) {
    const folder = fresh()
    writeFileSync(lockOf(folder), text)
    expect(lockState(folder)).toBe('dead')
    expect(takeLock(folder, 'measure')).toBe(true)
    expect(lockState(folder)).toBe('live')
    expect(readdirSync(folder)).toEqual(['lock'])
  }
})

describe.runIf(process.platform === 'linux')('a lock of', () => {
  test('a process that ended is dead', () => {
    const { pid } = spawnSync(process.execPath, ['--version'])
    const folder = lockedBy({ pid, started: '1' })
    expect(lockState(folder)).toBe('dead')
    expect(takeLock(folder, 'measure')).toBe(true)
  })

  test('a pid that now belongs to another process is dead', () => {
    expect(lockState(lockedBy({ started: '1' }))).toBe('dead')
  })

  test('a boot of this machine before the present one is dead', () => {
    expect(lockState(lockedBy({ boot: 'another' }))).toBe('dead')
  })

  test('a container or host that cannot be seen from here is live as long as it is touched', () => {
    for (const unseen of [{ pids: 'pid:[1]' }, { host: 'elsewhere', boot: 'another' }]) {
      const folder = lockedBy({ ...unseen, pid: 1 })
      expect(lockState(folder)).toBe('live')
      expect(takeLock(folder, 'measure')).toBe(false)
      expect(lockState(longAgo(folder))).toBe('dead')
      expect(takeLock(folder, 'measure')).toBe(true)
    }
  })

  test('a living process is live however long ago it was touched', () => {
    expect(lockState(longAgo(lockedBy({})))).toBe('live')
  })
})

test('a lock cannot be taken in a folder that is not there', () => {
  const folder = join(scratch, 'missing')
  expect(() => takeLock(folder, 'measure')).toThrow(expect.objectContaining({ code: 'cannot-store' }))
  expect(existsSync(folder)).toBe(false)
})
