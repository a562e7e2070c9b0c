const STATUS = {
  invalid: 400,
  'not-found': 404,
  'too-large': 413,
  exhausted: 429,
  cancelled: 499,
  internal: 500,
  upstream: 502,
  unavailable: 503,
  overloaded: 503,
  timeout: 504,
} as const

export type Code = keyof typeof STATUS

/** Whose fault it was: only `host` failures may open a breaker. */
export type Source = 'client' | 'host' | 'proxy'

export interface SpeechErrorOptions extends ErrorOptions {
  code: Code
  source: Source
  /** Whether asking again, here or elsewhere, may help. @default false */
  retryable?: boolean
  /** The request's field that is wrong, in the caller's words. */
  field?: string | undefined
  /** Whose trouble a host's failure is: the whole host's, or only that of the voice it was asked for. @default 'host' */
  scope?: 'host' | 'voice' | undefined
  /** How long to wait before asking again, in milliseconds, where that is known. */
  retryAfterMs?: number | undefined
  /** What a log may say of it: what it was in our words, with nothing of a host's or a caller's. */
  log?: string | undefined
}

/** Every failure that a caller, a guard or a dashboard may act on. */
export class SpeechError extends Error {
  override readonly name = 'SpeechError'
  readonly code: Code
  readonly source: Source
  readonly retryable: boolean
  readonly field: string | undefined
  readonly scope: 'host' | 'voice'
  readonly retryAfterMs: number | undefined
  readonly log: string | undefined

  constructor(message: string, options: SpeechErrorOptions) {
    const { code, source, retryable = false, field, scope = 'host', retryAfterMs, log, ...rest } = options
    super(message, rest)
    this.code = code
    this.source = source
    this.retryable = retryable
    this.field = field
    this.scope = scope
    this.retryAfterMs = retryAfterMs
    this.log = log
  }

  get status(): number {
    return STATUS[this.code]
  }

  /** Gives any thrown value a code, so that no layer has to guess twice. Unknown errors' text stays inside. */
  static from(thrown: unknown): SpeechError {
    if (thrown instanceof SpeechError) return thrown
    const name = thrown instanceof Error ? thrown.name : ''
    if (name === 'TimeoutError') {
      return new SpeechError('Host took too long', {
        code: 'timeout',
        source: 'host',
        retryable: true,
        cause: thrown,
      })
    }
    if (name === 'AbortError') {
      return new SpeechError('Caller went away', { code: 'cancelled', source: 'client', cause: thrown })
    }
    return new SpeechError('Unexpected failure', { code: 'internal', source: 'proxy', cause: thrown })
  }
}
