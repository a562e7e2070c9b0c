import { SpeechError, type SpeechErrorOptions } from '../../errors.ts'
import type { SetTimer } from '../../run/set-timer.ts'
import type { Conceal } from '../remote/conceal.ts'
import type { Whom } from '../remote/failure.ts'
import { BUSY_MS, retryAfterMs } from '../remote/retry-after.ts'
import { errorWords } from './said-error.ts'

export interface RefusalOptions {
  readonly whom: Whom
  readonly conceal: Conceal
  readonly setTimer: SetTimer
  /** @default that of a host which is given a voice's name */
  readonly refused?: Refused | undefined
}

/** Says what it means that a host takes a request for wrong, with a status of 4xx. */
export type Refused = (
  status: number,
  whom: Whom,
) => readonly [what: string, meaning: Partial<SpeechErrorOptions>]

/** Reads what is useful of a reply that is no success, and says what it means for us. */
export async function refusal(response: Response, options: RefusalOptions): Promise<SpeechError> {
  const { whom, conceal, setTimer, refused = refusedByName } = options
  const { status, headers } = response
  const words = wordsIn(await head(response, setTimer), conceal)
  const error = (what: string, options: Partial<SpeechErrorOptions>) =>
    new SpeechError(`Host "${whom.host}" ${what} (${status}${words && `: ${words}`})`, {
      code: 'upstream',
      source: 'host',
      log: `${what} (${status})`,
      ...options,
    })
  if (status >= 300 && status < 400) {
    // an address inside is no caller's business
    const log = `redirects to ${conceal(headers.get('location') ?? 'nowhere')} (${status}): set url to that`
    return error('redirects: set url to where it really is', { log })
  }
  if (status === 429 || status === 503) {
    const wait = retryAfterMs(headers)
    const what = wait === undefined ? 'is busy' : `is busy and asks to wait ${Math.ceil(wait / 1_000)} s`
    const again = wait ?? (status === 429 ? BUSY_MS : undefined)
    return error(what, { code: 'unavailable', retryable: true, retryAfterMs: again })
  }
  if (status === 408 || status === 504) return error('took too long', { code: 'timeout', retryable: true })
  if (status >= 500) return error('failed', { retryable: true })
  return error(...refused(status, whom))
}

const refusedByName: Refused = (status, { voice }) =>
  status === 401 || status === 403
    ? ['does not let sotto in: check apiKey', {}]
    : [`refused voice "${voice}" or the rest of the request`, { scope: 'voice' }] // no sign of a sick host

const ENOUGH = 16_384
/** A host that has said no may take so long over why. */
const PATIENCE_MS = 1_000

/** The start of a body: enough for an error, however long the page or its writing. */
async function head({ body }: Response, setTimer: SetTimer): Promise<string> {
  const reader = body?.getReader()
  if (!reader) return ''
  const stop = () => reader.cancel().catch(() => {})
  const clear = setTimer(PATIENCE_MS, stop)
  const decoder = new TextDecoder()
  let text = ''
  try {
    while (text.length < ENOUGH) {
      const { done, value } = await reader.read()
      if (done) break
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    // what has come must do
  } finally {
    clear()
    stop()
  }
  return text
}

function wordsIn(body: string, conceal: Conceal): string {
  try {
    return errorWords(JSON.parse(body), conceal)
  } catch {
    return ''
  }
}
