import { SpeechError } from '../../errors.ts'

/** Whom a failure is about. */
export interface Whom {
  /** The host's id. */
  readonly host: string
  /** The voice's id. */
  readonly voice: string
}

/** Tells whether a request failed because its connection was closed, as an idle one is at any time. */
export function isClosed(thrown: unknown): boolean {
  const {
    code = '',
    message = '',
    cause,
  } = Object(thrown) as { code?: string; message?: string; cause?: unknown }
  if (/ECONNRESET|EPIPE|UND_ERR_SOCKET|ConnectionClosed/.test(String(code))) return true
  if (/reset|closed|terminated|broken pipe/i.test(message)) return true
  return cause instanceof Error && isClosed(cause)
}

/** The host did not even take the request; the runtimes name a dozen reasons, in as many ways. */
export const unreachable = ({ host }: Pick<Whom, 'host'>, cause: unknown): SpeechError =>
  new SpeechError(`Host "${host}" cannot be reached`, {
    code: 'unavailable',
    source: 'host',
    retryable: true,
    cause,
  })

/**
 * The reply broke off. Before any audio that counts against the voice: upstream answers an unknown one so, since its
 * status leaves before it looks.
 */
export const cut = (
  { host, voice }: Whom,
  options: { readonly heard: boolean; readonly cause: unknown },
): SpeechError =>
  new SpeechError(
    options.heard
      ? `Host "${host}" broke off its reply`
      : `Host "${host}" broke off before any audio: does it have the voice "${voice}", and its model this call?`,
    {
      code: 'upstream',
      source: 'host',
      retryable: true,
      scope: options.heard ? 'host' : 'voice',
      cause: options.cause,
    },
  )

/** The reply ended well and held nothing. */
export const empty = ({ host }: Pick<Whom, 'host'>): SpeechError =>
  new SpeechError(`Host "${host}" sent no audio`, { code: 'upstream', source: 'host', retryable: true })

/** The reply is text: a page of a gateway, or another server. */
export const notAudio = ({ host }: Pick<Whom, 'host'>, type: string): SpeechError =>
  new SpeechError(`Host "${host}" answered with ${type}, not with audio: does url lead to its speech API?`, {
    code: 'upstream',
    source: 'host',
  })
