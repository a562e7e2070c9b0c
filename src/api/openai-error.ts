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
  return { message, type: typeOf(status), param: field ?? null, code: CODES[code] ?? code }
}

/** Answers with a failure: its status, OpenAI's body, and when to come again where that helps. */
export function openAiErrorResponse(thrown: unknown): Response {
  const { status } = SpeechError.from(thrown)
  const headers = status === 429 || status === 503 ? { 'retry-after': '1' } : undefined
  return Response.json({ error: openAiError(thrown) }, { status, ...(headers && { headers }) })
}

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
  timeout: 'host_timeout',
}
