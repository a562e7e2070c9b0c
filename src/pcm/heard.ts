import type { Clause, Samples, Stage, Supply, Waiter } from '../speech.ts'
import { compose } from './compose.ts'
import { resample } from './resample.ts'
import { seam, silence } from './seam.ts'
import type { Spool } from './spool.ts'
import { stretch } from './stretch.ts'
import { nextOf } from './supply.ts'

/** A clause on its way: its audio comes into the spool while it is said. */
export interface Spoken {
  readonly clause: Clause
  readonly spool: Promise<Spool>
}

export interface HeardOptions {
  /** Samples a second of what is given. */
  readonly rate: number
  readonly trim: boolean
}

/** Samples taken from a spool at once, a tenth of a second at 24 kHz: what hosts' long chunks are cut into, too. */
const PIECE = 2400

/**
 * Gives the audio of clauses one after another as it is to be heard: at one rate and at the asked speed,
 * its edges trimmed and faded, with the pause after each clause but the last exact to a sample; after one of silence
 * alone there is none. The samples are lent until more are asked for.
 */
export class Heard implements Supply<Samples>, Disposable {
  readonly #spoken: Supply<Spoken> & Disposable
  readonly #options: HeardOptions
  /** The clause that comes, until its spool is there. */
  #coming: Promise<Spool> | undefined
  #clause: Clause | undefined
  /** Whether anything of it has been heard. */
  #isHeard = false
  #spool: Spool | undefined
  #stage: Stage<Samples, Samples> | undefined
  /** Silence before what comes. */
  #pause: Samples | undefined
  #failure: { readonly reason: unknown } | undefined

  constructor(spoken: Supply<Spoken> & Disposable, options: HeardOptions) {
    this.#spoken = spoken
    this.#options = options
  }

  get isOver(): boolean {
    return !this.#spool && !this.#coming && this.#spoken.isOver
  }

  take(): Samples | undefined {
    if (this.#failure) throw this.#failure.reason
    const pause = this.#pause
    this.#pause = undefined
    if (pause) return pause
    while (this.#spool) {
      const samples = this.#spool.take(PIECE)
      if (!samples && !this.#spool.isOver) return undefined
      this.#stage ??= this.#stageOf(this.#spool) // only now are rate and speed sure
      const ready = samples ? this.#stage.push(samples) : this.#stage.end()
      if (!samples) this.#spool = this.#stage = undefined
      if (ready.length === 0) continue
      this.#isHeard = true
      return ready
    }
    return undefined
  }

  wait(waiter: Waiter): void {
    if (this.#spool) this.#spool.wait(waiter)
    else {
      this.#advance()
        .catch((reason: unknown) => {
          this.#failure = { reason }
        })
        .then(() => waiter.wake())
    }
  }

  /** Asks for no more clauses. */
  [Symbol.dispose](): void {
    this.#spoken[Symbol.dispose]()
  }

  /** Goes on to the next clause, then to its audio. */
  async #advance(): Promise<void> {
    if (this.#coming) {
      this.#spool = await this.#coming
      this.#coming = undefined
      return
    }
    const next = await nextOf(this.#spoken)
    if (!next) return
    const pauseMs = this.#clause?.pauseMs ?? 0
    if (pauseMs > 0 && this.#isHeard) this.#pause = silence({ rate: this.#options.rate, ms: pauseMs })
    this.#clause = next.clause
    this.#isHeard = false
    this.#coming = next.spool
  }

  #stageOf(spool: Spool): Stage<Samples, Samples> {
    const { rate, trim } = this.#options
    return compose(
      resample({ from: spool.rate, to: rate }),
      stretch({ rate, speed: this.#clause!.speed / spool.speed }),
      seam({ rate, trim }),
    )
  }
}
