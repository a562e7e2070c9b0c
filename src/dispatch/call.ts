import type { SpeechError } from '../errors.ts'
import { Spool, type SpooledCall } from '../pcm/spool.ts'
import type { SpoolBudget } from '../pcm/spool-budget.ts'
import { Stopper } from '../run/stopper.ts'
import type { Clause, Pcm, Synthesize } from '../speech.ts'
import { estimate } from './estimate.ts'
import type { Ask, Lookahead } from './lookahead.ts'

/** What all calls of a reply have in common. */
export interface CallOptions {
  readonly synthesize: Synthesize
  /** Whether a clause of which nobody has heard anything may be asked for once more. @default never */
  readonly mayAskAgain?: ((error: SpeechError) => boolean) | undefined
  readonly lookahead: Lookahead
  readonly budget: SpoolBudget
  /** Audio of one clause that may wait for its listener, in seconds. */
  readonly spoolSeconds: number
  readonly watcher: CallWatcher
}

export interface CallWatcher {
  /** The listener has taken some of its audio. */
  taken(): void
  /** Told once, when nothing more will be read of it. */
  closed(call: Call): void
}

/** How often a clause is asked for again whose audio broke off unheard. */
const AGAIN = 2

/** What is asked of hosts for one clause, once or more, as the lookahead is to count it, and the audio that came. */
export class Call implements SpooledCall {
  readonly clause: Clause
  readonly #options: CallOptions
  readonly #gone = new Stopper()
  #ask: Ask | undefined
  #spool: Spool | undefined
  #isUnsaid = false
  /** A second of the host's audio, in seconds of the listener's. */
  #heardIn = 1
  #again = 0

  constructor(clause: Clause, options: CallOptions) {
    this.clause = clause
    this.#options = options
  }

  /** Whether it has ended in a failure, also when it was stopped. */
  get isFailed(): boolean {
    return this.#gone.aborted || this.#isUnsaid || this.#spool?.isFailed === true
  }

  /** Asks for the clause's audio; resolves at the first of it. */
  async begin(): Promise<Spool> {
    const { budget, spoolSeconds } = this.#options
    try {
      this.#spool = new Spool(await this.#say(), { budget, seconds: spoolSeconds, call: this })
    } catch (thrown) {
      this.#isUnsaid = true
      this.closed()
      throw thrown
    }
    if (this.#gone.aborted) this.#spool.fail(this.#gone.reason)
    return this.#spool
  }

  /** Ends it and drops what came. */
  stop(reason: unknown): void {
    this.#gone.abort(reason)
    this.#spool?.fail(this.#gone.reason)
  }

  /** Its turn is yet to come: who must wait for that has not stalled. */
  touch(now: number): void {
    if (this.#spool) this.#spool.touchedAt = now
  }

  /** Asks once more after a failure that nobody has heard; `undefined` when that is of no use. */
  async askAgain(error: SpeechError): Promise<Pcm | undefined> {
    const { mayAskAgain } = this.#options
    if (this.#gone.aborted || !error.retryable || this.#again === AGAIN || !mayAskAgain?.(error)) {
      return undefined
    }
    this.#again++
    this.#ask?.forgotten()
    return this.#say()
  }

  arrived(seconds: number): void {
    this.#ask?.arrived(seconds * this.#heardIn)
  }

  taken(seconds: number): void {
    const { lookahead, watcher } = this.#options
    lookahead.took(seconds * this.#heardIn)
    watcher.taken()
  }

  ended(): void {
    this.#ask?.ended()
    this.#ask = undefined
  }

  closed(): void {
    this.#options.watcher.closed(this)
  }

  async #say(): Promise<Pcm> {
    const { synthesize, lookahead } = this.#options
    this.#ask = lookahead.ask(estimate(this.clause), { isFirst: this.clause.index === 0 })
    try {
      const pcm = await synthesize(this.clause, { signal: this.#gone })
      this.#heardIn = pcm.speed / this.clause.speed
      return pcm
    } catch (thrown) {
      this.ended()
      throw thrown
    }
  }
}
