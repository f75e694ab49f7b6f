import { expect, test } from 'vitest'
import { isOutOfFiles, openFileLimit, tooFewFiles } from '../host/open-files.ts'
import { http, onnx } from '../targets/catalog.ts'
import { filesNeeded, withinOpenFiles } from './open-files.ts'
import type { ProfileOptions } from './options.ts'
import { planRun } from './plan.ts'

const fitted = (options: ProfileOptions, limit: number | undefined) => withinOpenFiles(planRun(options), options, limit)
const model = onnx('zoo:mlp')
const endpoint = http('http://host/')

test('the limit is the soft one, which Node has raised; none is no number', () => {
  const line = (soft: string): string =>
    `Limit   Soft Limit   Hard Limit   Units\nMax open files   ${soft}   4096   files\n`
  expect(openFileLimit(line('256'))).toBe(256)
  expect(openFileLimit(line('unlimited'))).toBeUndefined()
  expect(openFileLimit('')).toBeUndefined()
})

test('what was asked for and does not fit is refused with the number that it takes', () => {
  const data = (options: ProfileOptions, limit: number): unknown => {
    try {
      return fitted(options, limit)
    } catch (error) {
      return (error as { data?: unknown }).data
    }
  }
  expect(data({ target: model }, 64)).toEqual({ limit: ' (64)', needed: 176 })
  expect(data({ target: model, instances: 32 }, 256)).toEqual({ limit: ' (256)', needed: 672 })
  expect(data({ target: endpoint, load: { concurrency: 2000 } }, 1024)).toEqual({ limit: ' (1024)', needed: 2080 })
  // Also the open loop's, where it was given.
  expect(data({ target: endpoint, load: { rate: 5, concurrency: 2000 } }, 1024)).toEqual({
    limit: ' (1024)',
    needed: 2080,
  })
})

test('the default of an open loop is what fits, and that is said', () => {
  const warnings: string[] = []
  const options = { target: endpoint, load: { rate: 5 }, onWarning: (text: string) => warnings.push(text) }
  const { load } = fitted(options, 1024)
  expect(load.concurrency).toBe(944)
  expect(filesNeeded('http', { ...planRun(options), load })).toBe(1024)
  expect(warnings).toEqual([
    'the limit of open files (1024) leaves room for 944 requests outstanding at most; `ulimit -n 1104` allows 1024',
  ])
})

test('what fits is left as it is, and so is all where no limit is known', () => {
  for (const [options, limit] of [
    [{ target: model }, 176],
    [{ target: endpoint, load: { rate: 5 } }, 4096],
    [{ target: endpoint, load: { concurrency: 2000 } }, undefined],
  ] as const)
    expect(fitted(options, limit)).toEqual(planRun(options))
})

test('running out of files is known in all the words for it, and is not said twice', () => {
  const error = (message: string, code?: string): Error => Object.assign(new Error(message), { code })
  expect(isOutOfFiles(error('open failed', 'EMFILE'))).toBe(true)
  expect(isOutOfFiles(error('ENFILE: file table overflow, open x'))).toBe(true)
  expect(isOutOfFiles(error('libx.so: cannot open shared object file: Too many open files'))).toBe(true)
  expect(isOutOfFiles(error('no such file', 'ENOENT'))).toBe(false)
  expect(isOutOfFiles(tooFewFiles(176, 64))).toBe(false)
})
