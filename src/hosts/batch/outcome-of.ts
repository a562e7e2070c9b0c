import { SpeechError } from '../../errors.ts'

/** Gives what it gives, or the `SpeechError` that it throws, for what may fail alone. */
export function outcomeOf<T>(work: () => T): T | SpeechError {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof SpeechError) return thrown
    throw thrown
  }
}
