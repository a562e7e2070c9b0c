import { SpeechError } from '../errors.ts'
import { Handoff } from '../pcm/handoff.ts'
import type { Spoken } from '../pcm/heard.ts'
import { nextOf } from '../pcm/supply.ts'
import { turn } from '../run/turn.ts'
import type { Clause } from '../speech.ts'
import { Call, type CallOptions, type CallWatcher } from './call.ts'
import { estimate } from './estimate.ts'

export interface ScheduleOptions extends Omit<CallOptions, 'watcher'> {
  /** Ends every host call and drops all audio that waits. */
  readonly signal: AbortSignal
}

type Clauses = Iterable<Clause> | AsyncIterable<Clause>

/**
 * Sends clauses to hosts a few ahead of the listener, and hands them on in order while they are being said. What comes
 * after a clause that cannot be said will not be heard either: it is ended, and no more is begun.
 */
export const schedule = (clauses: Clauses, options: ScheduleOptions): AsyncGenerator<Spoken, void> =>
  new Schedule(options).run(clauses)

class Schedule implements CallWatcher {
  readonly #options: ScheduleOptions & CallOptions
  readonly #calls = new Set<Call>()
  readonly #spoken = new Handoff<Spoken>()
  /** Aborts when no more is to be begun. */
  readonly #stopped = new AbortController()
  #isAllBegun = false
  /** The first clause that cannot be said. */
  #lostAt = Number.POSITIVE_INFINITY

  constructor(options: ScheduleOptions) {
    this.#options = { ...options, watcher: this }
  }

  async *run(clauses: Clauses): AsyncGenerator<Spoken, void> {
    const { signal } = this.#options
    const stop = () => this.#stop(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    this.#beginAll(clauses).then(
      () => {
        this.#isAllBegun = true
        this.#spoken.end()
      },
      (thrown) => (this.#lostAt < Number.POSITIVE_INFINITY ? this.#spoken.end() : this.#spoken.fail(thrown)),
    )
    try {
      for (let next = await nextOf(this.#spoken); next; next = await nextOf(this.#spoken)) yield next
    } finally {
      if (!this.#isAllBegun) this.#stopped.abort()
    }
  }

  taken(): void {
    if (this.#calls.size === 1) return // it is the one
    const now = this.#options.budget.now()
    for (const call of this.#calls) call.touch(now)
  }

  closed(call: Call): void {
    this.#calls.delete(call)
    if (call.isFailed) this.#lose(call.clause.index)
  }

  async #beginAll(clauses: Clauses): Promise<void> {
    const { lookahead, budget } = this.#options
    for await (const clause of clauses) {
      if (clause.index === 1) await turn() // the first one's call leaves before the next one's is made
      if (clause.index > 0) await lookahead.room(this.#stopped.signal, estimate(clause))
      else if (budget.isSpent) throw overloaded()
      this.#begin(clause)
    }
  }

  #begin(clause: Clause): void {
    const call = new Call(clause, this.#options)
    this.#calls.add(call)
    if (this.#stopped.signal.aborted) call.stop(this.#stopped.signal.reason) // just as there was room
    const spool = call.begin()
    spool.catch(() => {}) // reported when its turn comes
    this.#spoken.push({ clause, spool })
  }

  #stop(reason: unknown): void {
    this.#stopped.abort(reason)
    for (const call of this.#calls) call.stop(reason)
    this.#spoken.fail(reason)
  }

  /** Ends what comes after a clause that cannot be said. */
  #lose(index: number): void {
    if (this.#options.signal.aborted || index >= this.#lostAt) return
    this.#lostAt = index
    this.#stopped.abort(lost())
    for (const call of this.#calls) if (call.clause.index > index) call.stop(lost())
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
