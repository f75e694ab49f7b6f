import { expect, test } from 'vitest'
import { digestAuthorization, parseChallenge } from './digest.ts'

test('gives the response of the example in RFC 7616, 3.9.1', () => {
  const challenge = parseChallenge(
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, ' +
      'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
  )!
  const header = digestAuthorization(challenge, {
    user: 'Mufasa',
    password: 'Circle of Life',
    method: 'GET',
    uri: '/dir/index.html',
    count: 1,
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  })
  expect(header).toContain('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"')
  expect(header).toContain('nc=00000001')
})

test('another scheme or algorithm is no challenge', () => {
  expect(parseChallenge('Basic realm="shelly"')).toBeUndefined()
  expect(parseChallenge('Digest realm="a", nonce="b", algorithm=MD5')).toBeUndefined()
  expect(parseChallenge('Digest realm="a", nonce="b"')).toBeUndefined()
  expect(parseChallenge('')).toBeUndefined()
})
