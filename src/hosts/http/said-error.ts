import { SpeechError } from '../../errors.ts'
import type { Conceal } from '../remote/conceal.ts'

const LONGEST = 200

/**
 * Finds the words of an error in what a host answers with: `{error: {message}}`, `{error: "…"}`, `{detail: …}`,
 * `{message}`, `{msg}`; FastAPI's list of wrong fields without its copies of the input. Empty when there are none.
 */
export function errorWords(json: unknown, conceal: Conceal): string {
  return conceal(wordsOf(json)).replace(/\s+/g, ' ').trim().slice(0, LONGEST) // what is cut could not be told any more
}

/** Whether there are words of an error. */
export const hasError = (json: unknown): boolean => /\S/.test(wordsOf(json))

function wordsOf(json: unknown, depth = 0): string {
  if (typeof json === 'string') return depth > 0 ? json : ''
  if (typeof json !== 'object' || json === null || depth > 3) return ''
  if (Array.isArray(json)) return json.slice(0, 5).map(fieldWords).filter(Boolean).join(', ')
  const { error, detail, message, msg } = json as Record<string, unknown>
  for (const inner of [message, msg, error, detail]) {
    const words = wordsOf(inner, depth + 1)
    if (words) return words
  }
  return ''
}

function fieldWords(item: unknown): string {
  const { loc, msg } = Object(item) as { loc?: unknown; msg?: unknown }
  if (typeof msg !== 'string') return ''
  return Array.isArray(loc) ? `${loc.at(-1)}: ${msg}` : msg
}

export interface SaidBy {
  /** The host's id. */
  readonly host: string
  readonly conceal: Conceal
}

/**
 * An error that a host reports inside a reply that began well. One that carries a status of 4xx is our request's, so
 * asking again does not help.
 */
export function saidError(json: unknown, { host, conceal }: SaidBy): SpeechError {
  const { error = json } = Object(json) as { error?: unknown }
  const { code, status } = Object(error) as { code?: unknown; status?: unknown }
  const number = Number(status ?? code)
  const isRefusal = number >= 400 && number < 500 && number !== 408 && number !== 429
  const words = errorWords(json, conceal)
  return new SpeechError(`Host "${host}" failed${words && `: ${words}`}`, {
    code: 'upstream',
    source: 'host',
    retryable: !isRefusal,
    scope: isRefusal ? 'voice' : 'host',
  })
}
