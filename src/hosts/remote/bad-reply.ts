import { SpeechError } from '../../errors.ts'

/** A reply that cannot be played, by the host's fault; asking again may help when it was cut or garbled on its way. */
export const badReply = (what: string, { retryable = true, cause }: BadReplyOptions = {}): SpeechError =>
  new SpeechError(`Host ${what}`, { code: 'upstream', source: 'host', retryable, log: what, cause })

export interface BadReplyOptions {
  /** @default true */
  readonly retryable?: boolean
  readonly cause?: unknown
}
