import { SpeechError } from '../../errors.ts'
import { retryAfterMs } from './retry-after.ts'

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
export const unreachable = ({ host }: Whom, cause: unknown): SpeechError =>
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
export const empty = ({ host }: Whom): SpeechError =>
  new SpeechError(`Host "${host}" sent no audio`, { code: 'upstream', source: 'host', retryable: true })

/** The reply is text: a page of a gateway, or another server. */
export const notAudio = ({ host }: Whom, type: string): SpeechError =>
  new SpeechError(`Host "${host}" answered with ${type}, not with audio`, {
    code: 'upstream',
    source: 'host',
  })

/** Reads what is useful of a reply that is no success, and says what it means for us. */
export async function refusal({ host }: Whom, response: Response): Promise<SpeechError> {
  const { status } = response
  const wait = response.headers.get('retry-after')
  const detail = detailOf(await head(response).catch(() => ''))
  const said = (what: string) => `Host "${host}" ${what} (${status}${detail && `: ${detail}`})`
  if (status === 429 || status === 503) {
    const asks = wait === null ? '' : `, asks to wait ${/^\d+$/.test(wait) ? `${wait} s` : `until ${wait}`}`
    return new SpeechError(said('is busy') + asks, {
      code: 'unavailable',
      source: 'host',
      retryable: true,
      retryAfterMs: retryAfterMs(response.headers),
    })
  }
  if (status === 408 || status === 504) {
    return new SpeechError(said('took too long'), { code: 'timeout', source: 'host', retryable: true })
  }
  if (status >= 500) {
    return new SpeechError(said('failed'), { code: 'upstream', source: 'host', retryable: true })
  }
  // Our request is wrong for this host, which is our config's fault: neither the caller's nor a sign of a sick host.
  return new SpeechError(said('refused the request'), { code: 'upstream', source: 'proxy' })
}

/** The first chunk of a body: enough for an error, however long the page. */
async function head({ body }: Response): Promise<string> {
  const reader = body?.getReader()
  const first = await reader?.read()
  await reader?.cancel()
  return new TextDecoder().decode(first?.value)
}

/** FastAPI's own words on a wrong field; never its copy of the input, which is the caller's text. */
function detailOf(body: string): string {
  try {
    const { detail } = JSON.parse(body) as { detail?: unknown }
    if (typeof detail === 'string') return detail.slice(0, 200)
    if (!Array.isArray(detail)) return ''
    return detail
      .map(({ loc, msg }: { loc?: unknown[]; msg?: string }) => `${loc?.at(-1)}: ${msg}`)
      .join(', ')
      .slice(0, 200)
  } catch {
    return ''
  }
}
