import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressSecrets, redactAddress, redactArgument, redactText } from './redact-address.ts'
import { commandSecrets, environmentSecrets, redactCommand } from './redact-command.ts'

/** No words, versions or names: letters and digits in turns. */
const secret = fc
  .array(fc.constantFrom('k7', 'Q9', 'z3', 'Xx', '4t', 'm8'), { minLength: 8, maxLength: 16 })
  .map((parts) => `q7${parts.join('')}`)
/** Where a secret may stand in an address. */
const places: Readonly<Record<string, (s: string) => string>> = {
  user: (s) => `http://${s}@host/v1`,
  password: (s) => `http://me:${s}@host:8000/v1`,
  'a password with a slash': (s) => `http://me:pw/${s}@host/v1`,
  'a password with blanks': (s) => `http://me:a b ${s}@host/v1`,
  'a percent-encoded password': (s) => `http://me:%40${s}%2F@host/v1`,
  'several signs': (s) => `http://me:x@${s}@host/v1`,
  'a segment': (s) => `https://hooks.example/services/${s}`,
  'a segment with a prefix': (s) => `https://host/bot123:${s}/send`,
  'a matrix parameter': (s) => `https://host/chat;key=${s}`,
  'a query value': (s) => `https://host/v1?model=m&x=${s}`,
  'a bare query': (s) => `https://host/v1?${s}`,
  'the name of a parameter': (s) => `https://host/v1?${s}=1`,
  'a fragment': (s) => `https://host/v1#${s}`,
  'an upper-case scheme': (s) => `HTTP://me:${s}@host/?k=${s}`,
  'a scheme without slashes': (s) => `http:me:${s}@host/`,
  backslashes: (s) => `http:\\\\me:${s}@host\\x`,
  'no scheme': (s) => `me:${s}@host:8000/v1`,
  'no scheme, a user': (s) => `${s}@host:8000/v1`,
  'another scheme': (s) => `grpc://me:${s}@host/`,
  websockets: (s) => `wss://me:${s}@host/?t=${s}`,
  'a path of a socket': (s) => `unix:/run/${s}/x.sock`,
  'an IPv6 host': (s) => `http://me:${s}@[::1]:8000/?k=${s}`,
  'a port': (s) => `http://host:${s}/`,
  'a missing host': (s) => `http://me:${s}`,
  'line breaks': (s) => `ht\ntp://me:${s}@host/\n?k=${s}`,
}

test.each(Object.entries(places))('a secret in an address is redacted: %s', (_, address) => {
  fc.assert(
    fc.property(secret, (s) => {
      expect(redactAddress(address(s))).not.toContain(s)
      expect(redactArgument(address(s))).not.toContain(s)
      expect(redactCommand(['run', address(s)]).join(' ')).not.toContain(s)
      // Known to be one, wherever else it turns up.
      expect([...addressSecrets(address(s)), ...commandSecrets([address(s)])].join(' ')).toContain(s)
    }),
  )
})

test('no text makes an address that keeps its user, its query or its fragment', () => {
  fc.assert(
    fc.property(secret, fc.string({ unit: 'binary' }), fc.string(), (s, before, after) => {
      const put = [`http://${before}${s}@${after}`, `http://host/?${before}=${s}${after}`, `http://host/#${before}${s}`]
      // A user that ends early, as WHATWG has it, leaves the rest of it to the path or the query.
      for (const address of put) expect(redactAddress(address)).not.toContain(s)
    }),
  )
})

test.each([
  'http://localhost:8000/v1/chat/completions',
  'https://gpu-node-07.example.com/v2/models/resnet50-v1-12/infer',
  'http://[2001:db8::1]:8000/v1/models/half_plus_two:predict',
  'http://127.0.0.1:9400/metrics',
  'http://host/Meta-Llama-3.1-8B-Instruct/llama-3-8b-instruct-q4_K_M/gpt-4o-2024-05-13',
  'http://host/inference.GRPCInferenceService/ModelInfer',
  'unix:/run/model.sock',
  'host:8000/v1/embeddings',
])('a harmless address stays as it is: %s', (address) => {
  expect(redactAddress(address)).toBe(address)
  expect(redactText(`nothing listens at ${address}.`)).toBe(`nothing listens at ${address}.`)
  expect(addressSecrets(address)).toEqual([])
})

test('what has been redacted stays as it is', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
      const once = redactAddress(url)
      expect(redactAddress(once)).toBe(once)
      expect(new URL(once).host).toBe(new URL(url).host)
    }),
  )
})

test('query names stay, their values do not', () => {
  expect(redactAddress('https://me:pw@host:8000/v1/chat?model=m&ids[]=7&empty=#f')).toBe(
    'https://host:8000/v1/chat?model=REDACTED&ids[]=REDACTED&empty=',
  )
})

test('addresses in a sentence are redacted, and the sentence stays', () => {
  expect(redactText('cannot ask "http://me:pw@host/?k=v", nor HTTPS://a:b@h/x; see u:p@h:80.')).toBe(
    'cannot ask "http://host/?k=REDACTED", nor HTTPS://h/x; see h:80.',
  )
})

test.each([
  'model.onnx',
  'model@2.onnx',
  './node_modules/@scope/model.onnx',
  'C:\\models\\a.onnx',
  '/data/a:b@c.onnx',
  'file:///tmp/tailwatt-Ab3xQ9/my-target.mjs',
  'zoo:resnet50',
  'p99<50ms',
  'aws:eu-north-1',
  '1200kg/4y/25%',
  'ids=1x128',
])('an argument that is no address stays as it is: %s', (text) => {
  expect(redactArgument(text)).toBe(text)
})

test('a command keeps its flags and loses headers, bodies, commands and addresses', () => {
  const stored = redactCommand([
    'run',
    'http://me:pw@host/v1?key=k',
    '--header',
    'X-Anything: value',
    '--header=Authorization: Bearer t',
    '--header',
    'Authorization Bearer malformed',
    '--body={"prompt":"p"}',
    '--body-file',
    'request.json',
    '--on-breach',
    'curl -H "Authorization: s3cret" https://hooks.example/T0/s3cret',
    '--sensors',
    '+shelly:http://me:s3cret@10.0.0.1,+dcgm:gpu:9400/metrics?token=t,rapl,replay:/tmp/Ab3xQ9/readings.ndjson',
    '--seed',
    '1',
  ])
  expect(stored).toEqual([
    'run',
    'http://host/v1?key=REDACTED',
    '--header',
    'X-Anything: REDACTED',
    '--header=Authorization: REDACTED',
    '--header',
    'REDACTED',
    '--body=REDACTED',
    '--body-file',
    'request.json',
    '--on-breach',
    'REDACTED',
    '--sensors',
    '+shelly:http://10.0.0.1,+dcgm:gpu:9400/metrics?token=REDACTED,rapl,replay:/tmp/Ab3xQ9/readings.ndjson',
    '--seed',
    '1',
  ])
})

test('paths are no secrets, of modules and recordings neither', () => {
  const paths = [
    '/tmp/Ab3xQ9zz/model.onnx',
    '--sensors',
    './my-Sensor9x8y7z.mjs,replay:/tmp/Ab3xQ9/r.ndjson',
    '--out=/x/Ab3xQ9',
  ]
  expect(redactCommand(paths)).toEqual(paths)
  expect(commandSecrets(paths)).toEqual([])
})

test('a long argument takes no longer than its length', () => {
  for (const part of [':', '?', '(', '@', 'a:', '://', 'a=']) {
    const long = part.repeat(60_000)
    expect(redactCommand([long])).toHaveLength(1)
    expect(commandSecrets([long])).toBeDefined()
    expect(redactText(`${long} end`)).toBeDefined()
  }
}, 5000)

test('a body is kept on request', () => {
  const args = ['run', 'http://host/', '--body', 'text', '--header', 'a: b']
  expect(redactCommand(args, true)).toEqual(['run', 'http://host/', '--body', 'text', '--header', 'a: REDACTED'])
})

test('variables of flags, passwords and tokens are secrets of the environment, others are not', () => {
  const env = {
    TAILWATT_HEADER: 'X-Key: header-secret\nAuthorization: Bearer second-secret',
    TAILWATT_SENSORS: '+dcgm:gpu:9400/metrics?token=sensor-secret',
    TAILWATT_ON_BREACH: 'notify breach-secret',
    TAILWATT_SHELLY_PASSWORD: 'password-secret',
    TAILWATT_OUT: '/data/runs',
    HOME: '/home/me',
  }
  const found = environmentSecrets(env)
  for (const s of ['header-secret', 'second-secret', 'sensor-secret', 'notify breach-secret', 'password-secret'])
    expect(found).toContain(s)
  expect(found.join(' ')).not.toMatch(/data|home/)
})
