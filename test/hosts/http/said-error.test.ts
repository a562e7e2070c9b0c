import { describe, expect, test } from 'bun:test'
import { errorWords, saidError } from '../../../src/hosts/http/said-error.ts'

describe('errorWords()', () => {
  test.each([
    [{ error: { message: 'No voice', type: 'x', param: null, code: 'y' } }, 'No voice'],
    [{ error: 'No voice' }, 'No voice'],
    [{ detail: { error: 'x', message: 'No voice', type: 'y' } }, 'No voice'],
    [{ detail: 'Not Found' }, 'Not Found'],
    [{ code: 400, msg: 'No text' }, 'No text'],
    [{ error: { error: { error: { error: { error: 'deep' } } } } }, ''],
    [{ message: 'a\n  b '.padEnd(500, 'c') }, `a b ${'c'.repeat(196)}`],
    ['No voice', ''],
    [null, ''],
    [[], ''],
    [{ error: true }, ''],
  ])('finds in %j %p', (json, words) => {
    expect(errorWords(json)).toBe(words)
  })

  test('names FastAPI’s wrong fields, never what stood in them', () => {
    const detail = [{ loc: ['body', 'texts'], msg: 'too many', input: 'a secret' }, { msg: 'also' }, 5]
    expect(errorWords({ detail })).toBe('texts: too many, also')
  })
})

test('saidError() takes a 4xx for the request’s fault, but for 408 and 429', () => {
  const codes = [400, '404', 408, 429, 500, 'invalid_voice', undefined]
  const retryable = codes.map((code) => saidError({ error: { message: 'm', code } }, 'h').retryable)
  expect(retryable).toEqual([false, false, true, true, true, true, true])
  expect(saidError({ error: true }, 'h').message).toBe('Host "h" failed')
})
