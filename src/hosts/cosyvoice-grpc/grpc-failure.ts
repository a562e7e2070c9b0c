import { Code, ConnectError } from '@connectrpc/connect'
import { SpeechError, type SpeechErrorOptions } from '../../errors.ts'
import type { Conceal } from '../remote/conceal.ts'
import { isClosed, type Whom } from '../remote/failure.ts'
import { BUSY_MS, retryAfterMs } from '../remote/retry-after.ts'

export interface GrpcWhom extends Whom {
  /** What the host calls the voice, where it is asked for by name. */
  readonly spkId: string | undefined
}

export interface GrpcFailureOptions {
  readonly whom: GrpcWhom
  readonly conceal: Conceal
}

/** Says what a call's failure before its first audio means for us. */
export function grpcFailure(thrown: unknown, { whom, conceal }: GrpcFailureOptions): SpeechError {
  const error = ConnectError.from(thrown)
  const [what, meaning] = meaningOf(error, whom)
  const detail = conceal(error.rawMessage).replaceAll(/\s+/gu, ' ').trim().slice(0, LONGEST)
  const status = `${nameOf(error.code)}${detail && `: ${detail}`}`
  return new SpeechError(`Host "${whom.host}" ${what} (${status})`, {
    ...meaning,
    log: `${what} (${nameOf(error.code)})`,
    cause: thrown,
  })
}

/** Most of the host's own words that are told. */
const LONGEST = 200

/** A connection that was closed while idle fails its next call within a round trip, one that breaks later was in use. */
const STALE_MS = 250

/**
 * Tells whether a call came just as the host was closing the connection, and so is nobody's fault: the host has not
 * looked at it, or the connection was gone as soon as it was used.
 */
export function isStale(thrown: unknown, { afterMs }: { readonly afterMs: number }): boolean {
  const { cause, message } = ConnectError.from(thrown)
  const { code } = Object(cause) as { code?: unknown }
  if (code === 'ERR_HTTP2_GOAWAY_SESSION' || message.includes('REFUSED_STREAM')) return true
  return isClosed(thrown) && afterMs < STALE_MS
}

type Meaning = readonly [what: string, meaning: SpeechErrorOptions]

/** Our request is wrong for this host, which is our config's fault: neither the caller's nor a sign of a sick host. */
const REFUSED: Meaning = ['refused the request', { code: 'upstream', source: 'proxy' }]
const FAILED: SpeechErrorOptions = { code: 'upstream', source: 'host', retryable: true }
const BUSY: SpeechErrorOptions = { code: 'unavailable', source: 'host', retryable: true }

function meaningOf(error: ConnectError, { voice, spkId }: GrpcWhom): Meaning {
  const { code, rawMessage: said } = error
  switch (code) {
    case Code.Unavailable:
      return ['cannot be reached', { ...BUSY, retryAfterMs: waitOf(error) }]
    case Code.ResourceExhausted:
      if (/than configured readMaxBytes/.test(said)) {
        return ['sent a longer message than maxMessageBytes allows', { code: 'upstream', source: 'host' }]
      }
      if (/larger than max/.test(said)) return REFUSED
      return ['is busy', { ...BUSY, retryAfterMs: waitOf(error) ?? BUSY_MS }]
    case Code.DeadlineExceeded:
      return ['took too long', { code: 'timeout', source: 'host', retryable: true }]
    case Code.NotFound:
      return [`does not know the voice "${voice}"`, { code: 'upstream', source: 'proxy', scope: 'voice' }]
    case Code.Unknown:
    case Code.Internal:
      if (/Invalid request type|Exception deserializing/.test(said)) {
        return ['did not understand the request: does its dialect fit', { code: 'upstream', source: 'proxy' }]
      }
      if (isOfVoice(error, spkId)) {
        return [`failed: does it have the voice "${voice}"`, { ...FAILED, scope: 'voice' }]
      }
      return ['failed', FAILED]
    case Code.Aborted:
    case Code.DataLoss:
    case Code.Canceled: // by the host: we did not
      return ['broke off before any audio', FAILED]
    default:
      return REFUSED
  }
}

/**
 * Tells a voice's trouble from the host's by Python's words: a `KeyError` says but the name that it did not find, and
 * a server that takes no recordings calls them an invalid file. The fork asserts that it keeps a voice, with no words:
 * its message then ends in a space, and HTTP/2 drops a header that does.
 */
function isOfVoice({ code, rawMessage }: ConnectError, spkId: string | undefined): boolean {
  if (/Invalid file/.test(rawMessage)) return true
  if (spkId === undefined) return false
  return rawMessage.includes(`'${spkId}'`) || (code === Code.Internal && rawMessage === '')
}

/** What the host, or a gateway before it, asks to wait, in milliseconds. */
function waitOf({ metadata }: ConnectError): number | undefined {
  const pushback = metadata.get('grpc-retry-pushback-ms') ?? ''
  return /^\d+$/.test(pushback) ? Number(pushback) : retryAfterMs(metadata)
}

/** A status as gRPC writes it, such as `RESOURCE_EXHAUSTED`. */
const nameOf = (code: Code): string =>
  (Code[code] ?? '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()
