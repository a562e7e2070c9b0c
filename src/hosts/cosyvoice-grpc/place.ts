import { SpeechError } from '../../errors.ts'
import type { SetTimer } from '../../run/set-timer.ts'
import type { Leaving } from '../remote/leaving.ts'

/** Upstream joins sentences until they have so many units: characters of Chinese, tokens of anything else. */
const PIECE_UNITS = 80
/** About what a token has at least. */
const TOKEN_CHARS = 3
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu

/** Tells whether a host says a text in one piece, so that cancelling the call would spare it nothing. */
export function isOnePiece(text: string): boolean {
  const wide = text.match(WIDE)?.length ?? 0
  return wide + (text.length - wide) / TOKEN_CHARS <= PIECE_UNITS
}

export interface PlaceOptions {
  readonly leaving: Pick<Leaving, 'left' | 'signal'>
  /** What the leaving does. */
  readonly onAbandon: 'abort' | 'drain'
  /** How long the host may still be at it, in milliseconds. */
  readonly ms: () => number
  /** Aborts when the host is disposed of. */
  readonly closed: AbortSignal
  readonly setTimer: SetTimer
}

/**
 * Waits, after a caller's leaving or the host's being late has cancelled a call, until the host has likely left it too:
 * its slot is taken until then, and no message tells. A host whose audio is bad is not waited for, nor one that was read
 * for as long as it may be.
 */
export async function untilFree({ leaving, onAbandon, ms, closed, setTimer }: PlaceOptions): Promise<void> {
  if (!leaving.left || !leaving.signal.aborted || closed.aborted) return
  const { source, code } = SpeechError.from(leaving.signal.reason)
  const isWaitedFor = source === 'host' ? code === 'timeout' : onAbandon === 'abort'
  if (!isWaitedFor) return
  const left = ms()
  if (left === 0) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const onClosed = () => resolve()
  const clear = setTimer(left, resolve)
  closed.addEventListener('abort', onClosed, { once: true })
  await promise
  clear()
  closed.removeEventListener('abort', onClosed)
}
