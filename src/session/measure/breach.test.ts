import { afterEach, describe, expect, test, vi } from 'vitest'
import { runBreachCommand } from './breach.ts'

const facts = { rule: 'p50<1us', value: 2, unit: 'us', limit: 1, at_s: 0, run: '', folder: '', target: '' }
afterEach(() => vi.restoreAllMocks())

describe.skipIf(process.platform === 'win32')('the group of a command on breach', () => {
  test('is ended once: a later group may have its number', async () => {
    const command = runBreachCommand('exit 3', facts)
    expect(await command.status).toBe(3)
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
    command.end()
    command.end()
    expect(kill).toHaveBeenCalledTimes(1)
  })

  test('that belongs to another user by now does not end the run', async () => {
    const command = runBreachCommand('exit 0', facts)
    await command.status
    vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
    })
    expect(command.end).not.toThrow()
  })
})
