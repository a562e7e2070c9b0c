import { SpeechError } from '../../src/errors.ts'

/** Why most calls are left. */
export const GONE = new SpeechError('Caller went away', { code: 'cancelled', source: 'client' })

/** Why a call is left whose host is at fault. */
export const late = () =>
  new SpeechError('Host took too long', { code: 'timeout', source: 'host', retryable: true })
