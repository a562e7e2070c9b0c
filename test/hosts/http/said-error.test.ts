import { describe, expect, test } from 'bun:test'
import { errorWords, hasError, saidError } from '../../../src/hosts/http/said-error.ts'
import { concealing } from '../../../src/hosts/remote/conceal.ts'

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
    expect(errorWords(json, concealing([]))).toBe(words)
    expect(hasError(json)).toBe(words !== '')
  })

  test('names FastAPI’s wrong fields, never what stood in them', () => {
    const detail = [{ loc: ['body', 'texts'], msg: 'too many', input: 'a secret' }, { msg: 'also' }, 5]
    expect(errorWords({ detail }, concealing([]))).toBe('texts: too many, also')
  })

  test('takes secrets out before it cuts, or the half of one would stay', () => {
    const error = `${'x'.repeat(190)} a secret that is long`
    expect(errorWords({ error }, concealing(['a secret that is long']))).toBe(`${'x'.repeat(190)} …`)
  })
})

test('saidError() takes a 4xx for the request’s fault, but for 408 and 429', () => {
  const by = { host: 'h', conceal: concealing([]) }
  const codes = [400, '404', 408, 429, 500, 'invalid_voice', undefined]
  const retryable = codes.map((code) => saidError({ error: { message: 'm', code } }, by).retryable)
  expect(retryable).toEqual([false, false, true, true, true, true, true])
  expect(saidError({ error: true }, by).message).toBe('Host "h" failed')
})
