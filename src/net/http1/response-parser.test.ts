import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ResponseError, ResponseParser } from './response-parser.ts'

const bytes = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')

interface Read {
  readonly status: number
  readonly bodyBytes: number
  readonly keepAlive: boolean
  /** Bytes after which it was complete; -1 when it never was. */
  readonly completeAt: number
}

function read(message: Buffer, cuts: readonly number[] = [], head = false): Read {
  const parser = new ResponseParser(head)
  parser.expect()
  const edges = [...new Set([0, ...cuts.map((cut) => cut % (message.length + 1)), message.length])].sort(
    (a, b) => a - b,
  )
  let completeAt = -1
  for (let i = 1; i < edges.length; i++)
    if (parser.push(message.subarray(edges[i - 1], edges[i])) && completeAt < 0) completeAt = edges[i]!
  const { status, bodyBytes, keepAlive } = parser
  return { status, bodyBytes, keepAlive, completeAt }
}

const messages = {
  'a body of known length': [
    bytes('HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 5\n\nhello'),
    200,
    5,
    true,
  ],
  'no body': [bytes('HTTP/1.1 204 No Content\n\n'), 204, 0, true],
  'an empty body': [bytes('HTTP/1.1 500 Oops\ncontent-length: 0\nConnection: close\n\n'), 500, 0, false],
  'chunks with extensions and a trailer': [
    bytes('HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5;a=b\nhello\n6 \n world\n0\nX-Sum: 1\n\n'),
    200,
    11,
    true,
  ],
  'an interim answer first': [
    bytes('HTTP/1.1 100 Continue\n\nHTTP/1.1 201 Created\nContent-Length: 2\n\nok'),
    201,
    2,
    true,
  ],
  'several interim answers first': [
    bytes('HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early Hints\nLink: </x>\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok'),
    200,
    2,
    true,
  ],
  'HTTP/1.0 that keeps alive': [bytes('HTTP/1.0 200 OK\nConnection: Keep-Alive\nContent-Length: 1\n\nx'), 200, 1, true],
  'HTTP/1.0': [bytes('HTTP/1.0 200 OK\nContent-Length: 1\n\nx'), 200, 1, false],
  'bare line feeds': [Buffer.from('HTTP/1.1 200\ncontent-length: 2\n\nok'), 200, 2, true],
} as const

describe('an answer', () => {
  for (const [name, [message, status, bodyBytes, keepAlive]] of Object.entries(messages)) {
    test(`with ${name} is complete at its last byte, however it is cut`, () => {
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 12 }), (cuts) => {
          expect(read(message, cuts)).toEqual({ status, bodyBytes, keepAlive, completeAt: message.length })
        }),
      )
      const everyByte = Array.from(message, (_, i) => i)
      expect(read(message, everyByte)).toEqual({ status, bodyBytes, keepAlive, completeAt: message.length })
    })
  }

  test('without a length ends with the connection', () => {
    const parser = new ResponseParser()
    parser.expect()
    expect(parser.push(bytes('HTTP/1.1 200 OK\n\nhello'))).toBe(false)
    expect(parser.end()).toBe(true)
    expect([parser.bodyBytes, parser.keepAlive]).toEqual([5, false])
  })

  test('to HEAD has no body, whatever its headers say', () => {
    const message = bytes('HTTP/1.1 200 OK\nContent-Length: 500\n\n')
    expect(read(message, [], true).completeAt).toBe(message.length)
  })

  test('that is cut off is not complete, not even when the connection ends', () => {
    const whole = messages['chunks with extensions and a trailer'][0]
    for (let length = 0; length < whole.length; length++) {
      const parser = new ResponseParser()
      parser.expect()
      expect(parser.push(whole.subarray(0, length))).toBe(false)
      expect(parser.end()).toBe(false)
    }
  })

  test('leaves nothing behind for the next one', () => {
    const parser = new ResponseParser()
    for (const [message, status, bodyBytes, keepAlive] of Object.values(messages)) {
      parser.expect()
      expect(parser.push(message)).toBe(true)
      expect([parser.status, parser.bodyBytes, parser.keepAlive]).toEqual([status, bodyBytes, keepAlive])
    }
  })
})

describe('what is not HTTP/1.x is refused', () => {
  for (const [name, text] of Object.entries({
    'another protocol': '220 smtp ready\n',
    'HTTP/2 frames': '\0\0\x12\x04\0\0',
    'a wrong status line': 'HTTP/1.1 abc OK\n',
    'a status of 0': 'HTTP/1.1 000 Huh\nContent-Length: 0\n\n',
    'a status below 100': 'HTTP/1.1 050 Huh\nContent-Length: 0\n\n',
    'a status above 599': 'HTTP/1.1 600 Huh\nContent-Length: 0\n\n',
    'interim answers without end': 'HTTP/1.1 103 Early Hints\nLink: x\n\n'.repeat(2500),
    'a header without a colon': 'HTTP/1.1 200 OK\nnonsense\n',
    'two lengths': 'HTTP/1.1 200 OK\nContent-Length: 5\nContent-Length: 6\n',
    'a negative length': 'HTTP/1.1 200 OK\nContent-Length: -5\n',
    'a chunk of no size': 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nxyz\n',
    'a chunk longer than it says': 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nhello\n',
    'bytes after the end': 'HTTP/1.1 200 OK\nContent-Length: 1\n\nxyz',
    'a switch of protocols': 'HTTP/1.1 101 Switching Protocols\nUpgrade: h2c\n\n',
    'headers without end': `HTTP/1.1 200 OK\n${'x-many: headers\n'.repeat(5000)}`,
  }))
    test(name, () => {
      expect(() => read(bytes(text))).toThrow(ResponseError)
    })

  test('line feeds without end', () => {
    expect(() => read(Buffer.alloc(100_000, '\n'))).toThrow(ResponseError)
  })

  test('and no bytes at all do anything else', () => {
    const alphabet = fc.constantFrom(...'HTTP/1.1 200\r\n:;0123456789abcdef'.split(''), 'Content-Length', 'chunked')
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 80 }), (parts) => {
        try {
          read(Buffer.from(`HTTP/1.1 200 OK\r\n${parts.join('')}`))
        } catch (error) {
          expect(error).toBeInstanceOf(ResponseError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
