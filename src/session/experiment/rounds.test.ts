import { expect, test } from 'vitest'
import { rounds } from './rounds.ts'

test('settings take turns, A B and then B A, until enough is known', async () => {
  const order: string[] = []
  const results = await rounds(
    ['A', 'B'],
    async (setting, round) => {
      order.push(setting)
      return `${setting}${round}`
    },
    (results) => results.get('A')!.length === 3,
  )
  expect(order.join(' ')).toBe('A B B A A B')
  expect([...results]).toEqual([
    ['A', ['A0', 'A1', 'A2']],
    ['B', ['B0', 'B1', 'B2']],
  ])
})

test('an abort ends it behind the round that is going on; what was found stays', async () => {
  const abort = new AbortController()
  const results = await rounds(
    ['A', 'B'],
    async (setting, round) => {
      if (round === 1) abort.abort()
      return setting
    },
    () => false,
    abort.signal,
  )
  expect([...results.values()].map((each) => each.length)).toEqual([2, 2])
})

test('nothing is tried where enough is known before; a trial that fails fails it all', async () => {
  const fail = async (): Promise<never> => Promise.reject(new Error('no'))
  expect([...(await rounds(['A'], fail, () => true)).values()]).toEqual([[]])
  await expect(rounds(['A'], fail, () => false)).rejects.toThrow('no')
})
