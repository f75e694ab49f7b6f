// The address of a device on the network as people type it: `192.168.1.20`, `plug.local:8080`, `http://plug/1`, where the
// path's number chooses one of several outlets.
import { fail, ok, type Result } from '../base/result.ts'
import { parseHttpAddress } from './http-address.ts'

export interface DeviceAddress {
  /** Scheme, host and port. */
  readonly origin: string
  /** Host, and the port where it is not the scheme's own. */
  readonly name: string
  /** Which of several, from 0; `undefined` when none was named. */
  readonly index: number | undefined
}

/** The error is a sentence that repeats no secret. */
export function parseDeviceAddress(text: string): Result<DeviceAddress, string> {
  if (text.trim() === '') return fail('it needs an address, such as 192.168.1.20')
  const parsed = parseHttpAddress(text, 'http')
  if (!parsed.ok) return parsed
  const url = parsed.value
  if (url.username !== '' || url.password !== '' || text.includes('@'))
    return fail('credentials are not taken from an address; they come from the environment')
  const path = /^\/(\d{1,3})?$/.exec(url.pathname)
  if (!path || url.search !== '' || url.hash !== '')
    return fail('it needs an address and at most the number of an outlet, such as 192.168.1.20/1')
  return ok({ origin: url.origin, name: url.host, index: path[1] === undefined ? undefined : Number(path[1]) })
}
