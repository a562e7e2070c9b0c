import { SpeechError } from '../errors.ts'
import type { Spoken } from '../pcm/heard.ts'
import { Spool } from '../pcm/spool.ts'
import type { SpoolBudget } from '../pcm/spool-budget.ts'
import type { Clause, Synthesize } from '../speech.ts'
import { estimate } from './estimate.ts'
import type { Lookahead } from './lookahead.ts'

export interface ScheduleOptions {
  readonly lookahead: Lookahead
  readonly budget: SpoolBudget
  /** Audio of one clause that may wait for its listener, in seconds. */
  readonly spoolSeconds: number
  /** Ends every host call and drops all audio that waits. */
  readonly signal: AbortSignal
}

/** Sends clauses to hosts a few ahead of the listener, and hands them on in order while they are being said. */
export function schedule(
  synthesize: Synthesize,
  { lookahead, budget, spoolSeconds, signal }: ScheduleOptions,
): TransformStream<Clause, Spoken> {
  const open = new Set<Spool>()
  signal.addEventListener('abort', () => {
    for (const spool of open) spool.fail(signal.reason)
  })

  const begin = async (clause: Clause): Promise<Spool> => {
    const ask = lookahead.ask(estimate(clause))
    const pcm = await synthesize(clause, { signal }).catch((thrown) => {
      ask.ended()
      throw thrown
    })
    const heardIn = pcm.speed / clause.speed // a second of the host's audio, in seconds of the listener's
    const spool = new Spool(pcm, {
      budget,
      seconds: spoolSeconds,
      onAudio: (seconds) => ask.arrived(seconds * heardIn),
      onTaken: (seconds) => {
        lookahead.took(seconds * heardIn)
        for (const next of open) next.touchedAt = budget.now() // whose turn is yet to come is not stalled
      },
      onEnd: () => ask.ended(),
      onClose: () => open.delete(spool),
    })
    open.add(spool)
    if (signal.aborted) spool.fail(signal.reason)
    return spool
  }

  return new TransformStream(
    {
      async transform(clause, controller) {
        if (clause.index > 0) await lookahead.room(signal)
        else if (budget.isSpent) throw overloaded()
        const spool = begin(clause)
        spool.catch(() => {}) // reported when its turn comes
        controller.enqueue({ clause, spool })
      },
    },
    undefined,
    { highWaterMark: 64 }, // the lookahead is what bounds it
  )
}

const overloaded = () =>
  new SpeechError('Overloaded: too much audio waits for listeners already', {
    code: 'unavailable',
    source: 'proxy',
    retryable: true,
  })
