import { SpeechError } from '../errors.ts'

/** OpenAI's error object. */
export interface OpenAiError {
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string | null
}

/** Says a failure as OpenAI's API does. */
export function openAiError(thrown: unknown): OpenAiError {
  const { message, status, code, field } = SpeechError.from(thrown)
  const known = code === 'not-found' && field === 'model' ? 'model_not_found' : CODES[code]
  return { message, type: typeOf(status), param: field ?? null, code: known ?? code }
}

/** Answers with a failure: its status, OpenAI's body, and when to come again where that helps. */
export function openAiErrorResponse(thrown: unknown): Response {
  const { status, retryAfterMs } = SpeechError.from(thrown)
  const isBusy = status === 429 || status === 503
  const wait = retryAfterMs ?? (isBusy ? USUAL_WAIT_MS : undefined)
  // Whole seconds are all that the header can say, and none at all would be asked again at once.
  const headers = wait === undefined ? undefined : { 'retry-after': `${Math.max(1, Math.ceil(wait / 1000))}` }
  return Response.json({ error: openAiError(thrown) }, { status, ...(headers && { headers }) })
}

/** When to come again where nothing better is known. */
const USUAL_WAIT_MS = 1_000

const typeOf = (status: number): string =>
  status === 429 ? 'rate_limit_error' : status < 500 ? 'invalid_request_error' : 'server_error'

const CODES: Readonly<Record<string, string | null>> = {
  invalid: 'invalid_value',
  'not-found': 'not_found',
  'too-large': 'request_too_large',
  exhausted: 'rate_limit_exceeded',
  internal: 'internal_error',
  upstream: 'host_failed',
  unavailable: 'host_unavailable',
  overloaded: 'overloaded',
  timeout: 'host_timeout',
}
