import { expect } from 'bun:test'
import { SpeechError } from '../../src/errors.ts'

/** The `SpeechError` that work throws; fails when it does not. */
export function failureOf(work: () => unknown): SpeechError {
  try {
    work()
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SpeechError)
    return thrown as SpeechError
  }
  throw new Error('It did not fail')
}
