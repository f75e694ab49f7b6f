import { expect, test } from 'vitest'
import { parseDeviceAddress } from './device-address.ts'
import { parseHttpAddress } from './http-address.ts'

test.each(['http://host/v1', 'HTTPS://host:8443', 'http://[::1]:9/x?y=1'])('%s is an address', (text) => {
  expect(parseHttpAddress(text)).toMatchObject({ ok: true })
})

test.each([
  ['ftp://me:s3cret@host/', 'addresses begin with http:// or https://, not ftp://'],
  ['grpc://host:1', 'addresses begin with http:// or https://, not grpc://'],
  ['http://host:0/', 'nobody can listen on port 0'],
  ['https://host:00', 'nobody can listen on port 0'],
  ['http://me:s3cret@', 'the address is not a URL'],
  ['http://host:99999', 'the address is not a URL'],
  ['host:80', 'addresses begin with http:// or https://'],
])('%s is refused', (text, error) => {
  expect(parseHttpAddress(text)).toEqual({ ok: false, error })
})

test.each([
  ['192.168.1.20:0', 'nobody can listen on port 0'],
  ['http://plug:0/1', 'nobody can listen on port 0'],
  ['ftp://plug', 'addresses begin with http:// or https://, not ftp://'],
])('the address %s of a device is refused', (text, error) => {
  expect(parseDeviceAddress(text)).toEqual({ ok: false, error })
})
