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
    log: `cannot be reached: ${codeOf(cause) ?? 'no reason given'}`,
    cause,
  })

/** The nearest code among an error and its causes, such as `ECONNREFUSED`. */
function codeOf(thrown: unknown): string | undefined {
  const { code, cause } = Object(thrown) as { code?: unknown; cause?: unknown }
  return typeof code === 'string' ? code : cause === undefined ? undefined : codeOf(cause)
}

/**
 * The reply broke off. Before any audio that counts against the voice: upstream answers an unknown one so, since its
 * status leaves before it looks.
 */
export const cut = (
  { host, voice }: Whom,
  options: { readonly heard: boolean; readonly cause: unknown },
): SpeechError => {
  const what = options.heard
    ? 'broke off its reply'
    : `broke off before any audio: does it have the voice "${voice}", and its model this call?`
  return new SpeechError(`Host "${host}" ${what}`, {
    code: 'upstream',
    source: 'host',
    retryable: true,
    scope: options.heard ? 'host' : 'voice',
    log: what,
    cause: options.cause,
  })
}

/** The reply ended well and held nothing. */
export const empty = ({ host }: Pick<Whom, 'host'>): SpeechError =>
  new SpeechError(`Host "${host}" sent no audio`, {
    code: 'upstream',
    source: 'host',
    retryable: true,
    log: 'sent no audio',
  })

/** The reply is text: a page of a gateway, or another server. */
export const notAudio = ({ host }: Pick<Whom, 'host'>, type: string): SpeechError =>
  new SpeechError(`Host "${host}" answered with ${type}, not with audio: does url lead to its speech API?`, {
    code: 'upstream',
    source: 'host',
    log: `answered with ${type}, not with audio: does url lead to its speech API?`,
  })
