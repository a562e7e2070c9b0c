import { expect, test } from 'bun:test'
import { SpeechError } from '../../../src/errors.ts'
import { outcomeOf } from '../../../src/hosts/batch/outcome-of.ts'

test('outcomeOf() gives a value or a SpeechError, and lets a programmer’s mistake through', () => {
  const error = new SpeechError('No', { code: 'upstream', source: 'host' })
  const fail = (thrown: Error) => () => {
    throw thrown
  }
  expect(outcomeOf(() => 1)).toBe(1)
  expect(outcomeOf(fail(error))).toBe(error)
  expect(() => outcomeOf(fail(new TypeError('Oops')))).toThrow('Oops')
})
