import { SpeechError } from '../errors.ts'
import { Handoff } from '../pcm/handoff.ts'
import type { Spoken } from '../pcm/heard.ts'
import { turn } from '../run/turn.ts'
import type { Clause, Supply, Waiter } from '../speech.ts'
import { Call, type CallOptions, type CallWatcher } from './call.ts'
import { estimate } from './estimate.ts'

export type ScheduleOptions = Omit<CallOptions, 'watcher'>

/**
 * Sends clauses to hosts a few ahead of the listener, and hands them on in order while they are being said. What comes
 * after a clause that cannot be said will not be heard either: it is ended, and no more is begun.
 */
export class Schedule implements Supply<Spoken>, CallWatcher, Disposable {
  readonly #options: CallOptions
  readonly #calls = new Set<Call>()
  readonly #spoken = new Handoff<Spoken>()
  #isAllBegun = false
  #isStopped = false
  /** The first clause that cannot be said. */
  #lostAt = Number.POSITIVE_INFINITY

  constructor(options: ScheduleOptions) {
    this.#options = { ...options, watcher: this }
  }

  /** Takes clauses as there is room for their audio; once, and none when it has been stopped. */
  begin(clauses: Iterable<Clause> | AsyncIterable<Clause>): void {
    if (this.#isStopped) return
    this.#beginAll(clauses).then(
      () => {
        this.#isAllBegun = true
        this.#spoken.end()
      },
      (thrown) => (this.#lostAt < Number.POSITIVE_INFINITY ? this.#spoken.end() : this.#spoken.fail(thrown)),
    )
  }

  get isOver(): boolean {
    return this.#spoken.isOver
  }

  take(): Spoken | undefined {
    return this.#spoken.take()
  }

  wait(waiter: Waiter): void {
    this.#spoken.wait(waiter)
  }

  /** Ends every host call and drops all audio that waits. */
  stop(reason: unknown): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#options.lookahead.stop(reason)
    for (const call of this.#calls) call.stop(reason)
    this.#spoken.fail(reason)
  }

  /** Takes no more clauses; what is with hosts goes on. */
  [Symbol.dispose](): void {
    if (!this.#isAllBegun) this.#options.lookahead.stop(left())
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

  async #beginAll(clauses: Iterable<Clause> | AsyncIterable<Clause>): Promise<void> {
    const { lookahead, budget } = this.#options
    for await (const clause of clauses) {
      if (clause.index === 1) await turn() // the first one's call leaves before the next one's is made
      if (clause.index > 0) await lookahead.room(estimate(clause))
      else if (budget.isSpent) throw overloaded()
      this.#begin(clause)
    }
  }

  #begin(clause: Clause): void {
    const call = new Call(clause, this.#options)
    this.#calls.add(call)
    const { stopped } = this.#options.lookahead
    if (stopped) call.stop(stopped.reason) // just as there was room
    const spool = call.begin()
    spool.catch(() => {}) // reported when its turn comes
    this.#spoken.push({ clause, spool })
  }

  /** Ends what comes after a clause that cannot be said. */
  #lose(index: number): void {
    if (this.#isStopped || index >= this.#lostAt) return
    this.#lostAt = index
    this.#options.lookahead.stop(lost())
    for (const call of this.#calls) if (call.clause.index > index) call.stop(lost())
  }
}

const lost = () =>
  new SpeechError('An earlier part of the reply failed', { code: 'cancelled', source: 'client' }) // no fault of the host's

const left = () => new DOMException('Listener left', 'AbortError')

const overloaded = () =>
  new SpeechError('Overloaded: too much audio waits for listeners already', {
    code: 'overloaded',
    source: 'proxy',
    retryable: true,
  })
