import { describe, expect, test } from 'bun:test'
import { retryAfterMs } from '../../../src/hosts/remote/retry-after.ts'

describe('retryAfterMs()', () => {
  const date = 'Sat, 21 Nov 2026 10:00:00 GMT'
  test.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': ' 0.5 ' }, 500],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'Sat, 21 Nov 2026 10:00:09 GMT', date }, 9_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT', date }, 0],
    [{ 'retry-after': '99999999' }, 3_600_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-3' }, undefined],
    [{}, undefined],
  ])('reads of %o %p', (headers, ms) => {
    expect(retryAfterMs(new Headers(headers as Record<string, string>))).toBe(ms)
  })

  test('measures a date against our clock when the reply has none', () => {
    const headers = new Headers({ 'retry-after': date })
    expect(retryAfterMs(headers, { now: () => Date.parse(date) - 2_500 })).toBe(2_500)
  })
})
