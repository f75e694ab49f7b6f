import { expect, test } from 'vitest'
import { socketAddress } from './libc.ts'

test('an address of IPv4 and its port stand in the network’s order', () => {
  expect([...socketAddress('192.0.2.7', 4, 8080)]).toEqual([2, 0, 0x1f, 0x90, 192, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0])
})

test.each([
  ['::1', '00000000000000000000000000000001'],
  ['::', '0'.repeat(32)],
  ['2001:db8::8a2e:370:7334', '20010db80000000000008a2e03707334'],
  ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['::ffff:192.0.2.128', '00000000000000000000ffffc0000280'],
  ['2001:db8::', '20010db8000000000000000000000000'],
])('the address of IPv6 %s has its sixteen bytes', (text, bytes) => {
  const address = socketAddress(text, 6, 80)
  expect(address).toHaveLength(28)
  expect(address.readUInt16LE(0)).toBe(10)
  expect(address.readUInt16BE(2)).toBe(80)
  expect(address.toString('hex', 8, 24)).toBe(bytes)
})
