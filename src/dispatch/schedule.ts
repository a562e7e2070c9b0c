import { SpeechError } from '../errors.ts'
import { Handoff } from '../pcm/handoff.ts'
import type { Spoken } from '../pcm/heard.ts'
import { Spool } from '../pcm/spool.ts'
import type { SpoolBudget } from '../pcm/spool-budget.ts'
import { turn } from '../run/turn.ts'
import type { Clause, Synthesize } from '../speech.ts'
import { Call } from './call.ts'
import { estimate } from './estimate.ts'
import type { Lookahead } from './lookahead.ts'

export interface ScheduleOptions {
  readonly synthesize: Synthesize
  /** Whether a clause of which nobody has heard anything may be asked for once more. @default never */
  readonly mayAskAgain?: ((error: SpeechError) => boolean) | undefined
  readonly lookahead: Lookahead
  readonly budget: SpoolBudget
  /** Audio of one clause that may wait for its listener, in seconds. */
  readonly spoolSeconds: number
  /** Ends every host call and drops all audio that waits. */
  readonly signal: AbortSignal
}

/**
 * Sends clauses to hosts a few ahead of the listener, and hands them on in order while they are being said. What comes
 * after a clause that cannot be said will not be heard either: it is ended, and no more is begun.
 */
export async function* schedule(
  clauses: Iterable<Clause> | AsyncIterable<Clause>,
  { synthesize, mayAskAgain = () => false, lookahead, budget, spoolSeconds, signal }: ScheduleOptions,
): AsyncGenerator<Spoken, void> {
  const open = new Set<Spool>()
  const calls = new Map<number, (reason: unknown) => void>()
  let lostAt = Number.POSITIVE_INFINITY
  const spoken = new Handoff<Spoken>()
  const stopped = new AbortController()
  const stop = () => {
    stopped.abort(signal.reason)
    for (const end of calls.values()) end(signal.reason)
    spoken.fail(signal.reason)
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()

  const loseAfter = (index: number) => {
    if (signal.aborted || index >= lostAt) return
    lostAt = index
    stopped.abort(lost())
    for (const [later, end] of calls) if (later > index) end(lost())
  }

  const begin = async (clause: Clause): Promise<Spool> => {
    const { index } = clause
    const ended = new AbortController()
    let spool: Spool | undefined
    calls.set(index, (reason) => {
      ended.abort(reason)
      spool?.fail(ended.signal.reason)
    })
    if (stopped.signal.aborted) ended.abort(stopped.signal.reason) // just as there was room
    try {
      const call = new Call(clause, { synthesize, mayAskAgain, lookahead, signal: ended.signal })
      spool = new Spool(await call.ask(), {
        budget,
        seconds: spoolSeconds,
        again: (error) => call.askAgain(error),
        onAudio: (seconds) => call.arrived(seconds),
        onTaken: (seconds) => {
          call.taken(seconds)
          const now = budget.now()
          for (const next of open) next.touchedAt = now // whose turn is yet to come is not stalled
        },
        onEnd: () => call.ended(),
        onClose: () => {
          open.delete(spool!)
          calls.delete(index)
          if (spool!.isFailed) loseAfter(index)
        },
      })
    } catch (thrown) {
      calls.delete(index)
      throw thrown
    }
    open.add(spool)
    if (ended.signal.aborted) spool.fail(ended.signal.reason)
    return spool
  }

  const beginAll = async () => {
    for await (const clause of clauses) {
      if (clause.index === 1) await turn() // the first one's call leaves before the next one's is made
      if (clause.index > 0) await lookahead.room(stopped.signal, estimate(clause))
      else if (budget.isSpent) throw overloaded()
      const spool = begin(clause)
      spool.catch(() => loseAfter(clause.index)) // reported when its turn comes
      spoken.push({ clause, spool })
    }
  }

  beginAll().then(
    () => spoken.end(),
    (thrown) => (lostAt < Number.POSITIVE_INFINITY ? spoken.end() : spoken.fail(thrown)),
  )
  try {
    for (let next = await spoken.read(); next; next = await spoken.read()) yield next
  } finally {
    stopped.abort()
  }
}

const lost = () =>
  new SpeechError('An earlier part of the reply failed', { code: 'cancelled', source: 'client' }) // no fault of the host's

const overloaded = () =>
  new SpeechError('Overloaded: too much audio waits for listeners already', {
    code: 'overloaded',
    source: 'proxy',
    retryable: true,
  })
