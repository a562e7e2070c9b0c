import { SpeechError, type SpeechErrorOptions } from '../../src/errors.ts'
import type { CallEvent, Claim } from '../../src/speech.ts'

/** A failure of the host's that may be retried, unless `rest` says otherwise. */
export const fault = (rest: Partial<SpeechErrorOptions> = {}): SpeechError =>
  new SpeechError('Host failed', { code: 'upstream', source: 'host', retryable: true, ...rest })

/** What a full queue says. */
export const full = (rest: Partial<SpeechErrorOptions> = {}): SpeechError =>
  new SpeechError('Host is overloaded', { code: 'overloaded', source: 'proxy', retryable: true, ...rest })

export const GONE = new SpeechError('Caller went away', { code: 'cancelled', source: 'client' })

export const live = (): AbortSignal => new AbortController().signal

export interface ClaimLog extends Claim {
  readonly events: CallEvent[]
}

/** A claim that keeps what it is told. */
export function claimOf(request: string, rest: Partial<Claim> = {}): ClaimLog {
  const events: CallEvent[] = []
  return {
    request,
    tenant: { id: 't', weight: 1 },
    priority: 0,
    tell: (event) => events.push(event),
    ...rest,
    events,
  }
}

/** A promise's failure. */
export const failureOf = (work: Promise<unknown>): Promise<SpeechError> =>
  work.then(
    () => {
      throw new Error('did not fail')
    },
    (thrown) => thrown,
  )
