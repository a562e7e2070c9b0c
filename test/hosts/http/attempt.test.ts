import { expect, test } from 'bun:test'
import { SpeechError } from '../../../src/errors.ts'
import { attempt } from '../../../src/hosts/http/attempt.ts'

test('attempt() gives a value or a SpeechError, and lets a programmer’s mistake through', () => {
  const error = new SpeechError('No', { code: 'upstream', source: 'host' })
  const fail = (thrown: Error) => () => {
    throw thrown
  }
  expect(attempt(() => 1)).toBe(1)
  expect(attempt(fail(error))).toBe(error)
  expect(() => attempt(fail(new TypeError('Oops')))).toThrow('Oops')
})
