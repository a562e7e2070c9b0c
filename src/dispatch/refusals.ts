import { SpeechError } from '../errors.ts'

/** `ms` is how long until there is room. */
export const queueFull = (host: string, { full, ms }: { readonly full: string; readonly ms: number }) =>
  overloaded(host, { why: `${full} wait for it`, ms })

export const displaced = (host: string, ms: number) =>
  overloaded(host, { why: 'others have less than their share of its queue', ms })

export const waitTooLong = (host: string, { wait, most }: { readonly wait: number; readonly most: number }) =>
  overloaded(host, {
    why: `the wait for it is ${Math.ceil(wait)} ms, may be at most ${most} ms`,
    ms: wait - most,
  })

/** The deadline would be missed by `ms`, and met when the wait is so much shorter. */
export const wouldBeLate = (host: string, ms: number) =>
  overloaded(host, { why: `first audio would come ${Math.ceil(ms)} ms after the deadline`, ms })

/** The same, and the tenant has itself to thank. */
export const ownBacklog = (tenant: string, ms: number) =>
  tooMuch(tenant, { why: `first audio would come ${Math.ceil(ms)} ms after the deadline`, ms })

export const tooManyChars = (tenant: string, { chars, most, ms }: Record<'chars' | 'most' | 'ms', number>) =>
  tooMuch(tenant, { why: `it would be ${chars} characters, may be at most ${most}`, ms })

export const tooLate = (host: string) =>
  timeout(`Deadline had passed already when host ${host} was to be asked`)

export const expired = (host: string) => timeout(`Deadline passed before host ${host} had a place free`)

export const outOfTime = (host: string) =>
  timeout(`Too little was left of the deadline when host ${host} had a place free, and others waited for it`)

const timeout = (message: string) => new SpeechError(message, { code: 'timeout', source: 'proxy' })

interface Why {
  readonly why: string
  /** How long until it is worth another try. */
  readonly ms: number
}

/** Worth another try here later, or elsewhere at once. */
const overloaded = (host: string, { why, ms }: Why) =>
  new SpeechError(`Host ${host} is overloaded: ${why}`, {
    code: 'overloaded',
    source: 'proxy',
    retryable: true,
    retryAfterMs: wholeMs(ms),
  })

const tooMuch = (tenant: string, { why, ms }: Why) =>
  new SpeechError(`Too much of tenant ${tenant} waits already: ${why}`, {
    code: 'exhausted',
    source: 'client',
    retryAfterMs: wholeMs(ms),
  })

const wholeMs = (ms: number) => Math.max(1, Math.ceil(ms))
