// What an errno means to a client.
import type { Failure } from '../client.ts'
import { error } from './libc.ts'

export const kindOf = (code: number): Failure['kind'] =>
  code === error.refused
    ? 'refused'
    : code === error.reset || code === error.brokenPipe
      ? 'reset'
      : code === error.timedOut
        ? 'timeout'
        : 'error'

const names: ReadonlyMap<number, string> = new Map([
  [error.tooManyOpen, 'EMFILE: no file is left to open'],
  [error.brokenPipe, 'EPIPE'],
  [error.noAddress, 'EADDRNOTAVAIL: no local port is left'],
  [error.reset, 'ECONNRESET'],
  [error.timedOut, 'ETIMEDOUT'],
  [error.refused, 'ECONNREFUSED'],
])
export const systemText = (code: number): string => names.get(code) ?? `system error ${code}`
