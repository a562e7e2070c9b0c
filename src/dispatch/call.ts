import type { SpeechError } from '../errors.ts'
import type { Clause, Pcm, Synthesize } from '../speech.ts'
import { estimate } from './estimate.ts'
import type { Ask, Lookahead } from './lookahead.ts'

export interface CallOptions {
  readonly synthesize: Synthesize
  readonly mayAskAgain: (error: SpeechError) => boolean
  readonly lookahead: Lookahead
  readonly signal: AbortSignal
}

/** How often a clause is asked for again whose audio broke off unheard. */
const AGAIN = 2

/** What is asked of hosts for one clause, once or more, as the lookahead is to count it. */
export class Call {
  readonly #clause: Clause
  readonly #options: CallOptions
  #ask: Ask | undefined
  /** A second of the host's audio, in seconds of the listener's. */
  #heardIn = 1
  #again = 0

  constructor(clause: Clause, options: CallOptions) {
    this.#clause = clause
    this.#options = options
  }

  /** Asks for the clause's audio. */
  async ask(): Promise<Pcm> {
    const { synthesize, lookahead, signal } = this.#options
    this.#ask = lookahead.ask(estimate(this.#clause), { isFirst: this.#clause.index === 0 })
    try {
      const pcm = await synthesize(this.#clause, { signal })
      this.#heardIn = pcm.speed / this.#clause.speed
      return pcm
    } catch (thrown) {
      this.ended()
      throw thrown
    }
  }

  /** Asks once more after a failure that nobody has heard; `undefined` when that is of no use. */
  async askAgain(error: SpeechError): Promise<Pcm | undefined> {
    const { mayAskAgain, signal } = this.#options
    if (signal.aborted || !error.retryable || this.#again === AGAIN || !mayAskAgain(error)) return undefined
    this.#again++
    this.#ask?.forgotten()
    return this.ask()
  }

  /** Audio has come from the host. */
  arrived(seconds: number): void {
    this.#ask?.arrived(seconds * this.#heardIn)
  }

  /** The listener has taken audio. */
  taken(seconds: number): void {
    this.#options.lookahead.took(seconds * this.#heardIn)
  }

  /** No more will come. */
  ended(): void {
    this.#ask?.ended()
    this.#ask = undefined
  }
}
