import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Sse, type SseEvent } from '../../../src/hosts/openai/sse.ts'
import { chunked, cuts } from '../audio/chunked.ts'

const eventsOf = (text: string, sizes: readonly number[] = []): SseEvent[] => {
  const sse = new Sse()
  const chunks = chunked(new TextEncoder().encode(text), sizes)
  return [...chunks.flatMap((chunk) => sse.push(chunk)), ...sse.end()]
}
const message = (data: string) => ({ name: 'message', data })

describe('Sse', () => {
  test('reads data, names and comments', () => {
    expect(eventsOf(': hello\n\nevent: a.b\ndata: 1\nid: 7\n\ndata:2\ndata: 3\n\nevent: c\n\n')).toEqual([
      { name: 'a.b', data: '1' },
      message('2\n3'),
    ])
  })

  test('takes every kind of line end, a byte order mark and fields without a value', () => {
    expect(eventsOf('\uFEFFdata: 1\r\rdata: 2\r\n\r\ndata\n\n')).toEqual([
      message('1'),
      message('2'),
      message(''),
    ])
  })

  test('gives an event at its empty line, and one that lacks it at the end', () => {
    const sse = new Sse()
    const push = (text: string) => sse.push(new TextEncoder().encode(text))
    expect(push('data: 1\r\n\r')).toEqual([message('1')])
    expect(push('\ndata: 2')).toEqual([])
    expect(sse.end()).toEqual([message('2')])
  })

  test('gives the same wherever the bytes are cut', () => {
    const line = fc.constantFrom('data: 你好', 'data:x', 'event: e', ': c', '', 'id: 1')
    const end = fc.constantFrom('\n', '\r\n', '\r')
    const text = fc.array(fc.tuple(line, end), { maxLength: 12 }).map((lines) => lines.flat().join(''))
    fc.assert(
      fc.property(text, cuts, (whole, sizes) => {
        expect(eventsOf(whole, sizes)).toEqual(eventsOf(whole))
      }),
      { numRuns: 1_000 },
    )
  })

  test('any bytes at all are some events or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const sse = new Sse()
        expect([...sse.push(bytes.slice()), ...sse.end()]).toBeArray()
      }),
    )
  })

  test('an event without end is not held for ever', () => {
    const sse = new Sse()
    const line = new TextEncoder().encode('data: '.padEnd(8_000_000, 'A'))
    expect(() => {
      for (let i = 0; i < 10; i++) sse.push(line)
    }).toThrow('sent an event of over 64000000 characters')
  })
})
