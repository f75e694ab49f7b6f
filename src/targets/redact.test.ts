import { expect, test } from 'vitest'
import { redactArguments, redactHeaders, redactUrl } from './redact.ts'

test('a URL loses its credentials and secret parameters', () => {
  expect(redactUrl('http://me:secret@host:8000/v1?api_key=abc&model=m')).toBe(
    'http://host:8000/v1?api_key=REDACTED&model=m',
  )
  expect(redactUrl('not a url //a:b@host')).toBe('not a url //host')
})

test('headers that authorise are redacted, others stay', () => {
  expect(redactHeaders({ Authorization: 'Bearer x', 'content-type': 'application/json' })).toEqual({
    Authorization: 'REDACTED',
    'content-type': 'application/json',
  })
})

test('arguments are stored without secrets', () => {
  const args = ['run', 'http://u:p@host/', '--header', 'Authorization: Bearer x', '--header=X-Api-Key: k', 'model.onnx']
  const stored = redactArguments(args)
  expect(stored.join(' ')).not.toMatch(/Bearer|u:p| k\b/)
  expect(stored.at(-1)).toBe('model.onnx')
})

test('addresses of sensors lose their credentials', () => {
  expect(redactArguments(['--sensors', '+shelly:http://me:s3cret@10.0.0.1,+dcgm:http://u:p@gpu:9400/metrics'])[1]).toBe(
    '+shelly:http://10.0.0.1/,+dcgm:http://gpu:9400/metrics',
  )
})

test('the command on breach is not stored: webhooks carry their key in the path', () => {
  const command = 'curl -H "Authorization: s3cret" https://hooks.example/T0/s3cret'
  expect(redactArguments(['--on-breach', command, '--seed', '1', `--on-breach=${command}`])).toEqual([
    '--on-breach',
    'REDACTED',
    '--seed',
    '1',
    '--on-breach=REDACTED',
  ])
})
