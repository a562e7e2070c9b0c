import { describe, expect, test } from 'bun:test'
import { SpeechError } from '../src/errors.ts'

describe('SpeechError.from()', () => {
  test('gives a SpeechError back as it is', () => {
    const error = new SpeechError('x', { code: 'upstream', source: 'host' })
    expect(SpeechError.from(error)).toBe(error)
  })

  test('takes a TimeoutError for the host’s and worth a retry', () => {
    const error = SpeechError.from(new DOMException('late', 'TimeoutError'))
    expect(error).toMatchObject({ code: 'timeout', source: 'host', retryable: true, status: 504 })
  })

  test('takes an AbortError for the caller’s', () => {
    expect(SpeechError.from(new DOMException('gone', 'AbortError'))).toMatchObject({
      code: 'cancelled',
      status: 499,
    })
  })

  test('hides the text of what it does not know and keeps it as cause', () => {
    const cause = new Error('secret')
    const error = SpeechError.from(cause)
    expect(error).toMatchObject({ code: 'internal', source: 'proxy', message: 'Unexpected failure', cause })
  })
})
