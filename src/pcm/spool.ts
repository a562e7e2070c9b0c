import { SpeechError } from '../errors.ts'
import type { Pcm, Samples, Waiter } from '../speech.ts'
import { Backlog } from './backlog.ts'
import { Change } from './change.ts'
import type { SpoolBudget, Spooled } from './spool-budget.ts'
import { wakeSoon } from './supply.ts'

/** The host call whose audio it is; told how that fares. */
export interface SpooledCall {
  /** So many seconds of audio have just come from the host. */
  arrived?(seconds: number): void
  /** The listener has just taken so many. */
  taken?(seconds: number): void
  /** It has failed and none has been read: gives the audio anew, or none when that is of no use. @default none */
  askAgain?(error: SpeechError): Promise<Pcm | undefined>
  /** Told once, when no more will come from the host. */
  ended?(): void
  /** Told once, when no more will be read. */
  closed?(): void
}

export interface SpoolOptions {
  readonly budget: SpoolBudget
  /** Audio that may wait unread, in seconds. */
  readonly seconds: number
  readonly call?: SpooledCall
}

/**
 * Holds one clause's audio between a host and its listener. The host is read at its own speed, so that
 * its slot is free when it is done, however slowly the listener reads; only a full spool makes it wait.
 */
export class Spool implements Spooled, Waiter {
  touchedAt: number
  /** Let go at its end, with all that the host's call holds. */
  #pcm: Pcm | undefined
  #rate: number
  #speed: number
  #isRead = false
  readonly #budget: SpoolBudget
  readonly #seconds: number
  readonly #call: SpooledCall
  readonly #backlog = new Backlog()
  #ended = false
  /** While it is full and keeps the host waiting. */
  #hold: Disposable | undefined
  #failure: { readonly reason: unknown } | undefined
  readonly #change = new Change()

  constructor(pcm: Pcm, { budget, seconds, call = {} }: SpoolOptions) {
    this.#rate = pcm.rate
    this.#speed = pcm.speed
    this.touchedAt = budget.now()
    this.#pcm = pcm
    this.#budget = budget
    this.#seconds = seconds
    this.#call = call
    budget.enter(this)
    this.wake()
  }

  /** Samples a second; sure once some have been read. */
  get rate(): number {
    return this.#rate
  }

  /** See {@link Pcm.speed}; sure once some have been read. */
  get speed(): number {
    return this.#speed
  }

  /** Bytes that wait to be read. */
  get bytes(): number {
    return this.#backlog.size * Int16Array.BYTES_PER_ELEMENT
  }

  /** Whether nothing more will be read. */
  get isFailed(): boolean {
    return this.#failure !== undefined
  }

  get isFull(): boolean {
    return this.#backlog.size >= this.#seconds * this.#rate
  }

  /** Whether all has been taken and no more will come. */
  get isOver(): boolean {
    return this.#ended && this.#backlog.size === 0
  }

  /** Lends what came first, at most `most` samples of it, until it is asked again; `undefined` while there is none. */
  take(most: number): Samples | undefined {
    if (this.#failure) throw this.#failure.reason
    if (this.#backlog.size === 0) return undefined
    const taken = this.#backlog.take(most)
    this.#isRead = true
    this.touchedAt = this.#budget.now()
    this.#budget.use(-taken.byteLength)
    this.#call.taken?.(taken.length / this.#rate)
    if (this.isOver) this.#close()
    if (!this.isFull) this.#letGo()
    return taken
  }

  /** Has `waiter` told once, later, when there is something to take or no more comes. One waits at a time. */
  wait(waiter: Waiter): void {
    const mustWait = this.#backlog.size === 0 && !this.#ended && !this.#failure
    if (mustWait) this.#change.wait(waiter)
    else wakeSoon(waiter)
  }

  /** The host may have more. */
  wake(): void {
    try {
      if (this.#fill()) this.#call.ended?.()
    } catch (thrown) {
      this.#refill(thrown).then(
        () => this.wake(),
        (reason) => {
          this.fail(SpeechError.from(reason))
          this.#call.ended?.()
        },
      )
    }
  }

  /** Drops what waits and stops the host; the listener gets `reason` as its error. */
  fail(reason: unknown): void {
    if (this.#failure || this.isOver) return
    this.#failure = { reason }
    this.#budget.use(-this.bytes)
    this.#backlog.clear()
    this.#close()
    this.#change.wake()
    this.#drop()
    this.#letGo()
  }

  /** Takes what the host has as long as there is room; whether that was all, or else it will be woken to go on. */
  #fill(): boolean {
    while (this.#pcm && !this.#failure) {
      const samples = this.#pcm.take()
      if (samples) this.#add(samples)
      else if (this.#pcm.isOver) this.#finish()
      else {
        this.#pcm.wait(this)
        return false
      }
      if (this.#pcm && this.isFull) {
        this.#hold = this.#budget.waiting(this)
        return false
      }
    }
    return true
  }

  #add(samples: Samples): void {
    this.#backlog.push(samples)
    this.#budget.use(samples.byteLength)
    this.#call.arrived?.(samples.length / this.#rate)
    this.#change.wake()
  }

  #finish(): void {
    this.#ended = true
    this.#pcm = undefined
    if (this.#backlog.size === 0) this.#close()
    this.#change.wake()
  }

  /** Asks for the audio anew after a failure of which nothing was heard; throws any other. */
  async #refill(thrown: unknown): Promise<void> {
    if (this.#isRead || this.#failure) throw thrown
    this.#budget.use(-this.bytes)
    this.#backlog.clear() // or its beginning would be heard twice
    const pcm = await this.#call.askAgain?.(SpeechError.from(thrown))
    if (!pcm) throw thrown
    this.#pcm = pcm
    this.#rate = pcm.rate
    this.#speed = pcm.speed
    if (this.#failure) this.#drop()
  }

  /** Stops the host, which may take its time to be free: nobody here waits. */
  #drop(): void {
    this.#pcm?.cancel(this.#failure?.reason).catch(() => {})
  }

  /** Lets a host that is kept waiting go on. */
  #letGo(): void {
    if (!this.#hold) return
    this.#hold[Symbol.dispose]()
    this.#hold = undefined
    wakeSoon(this) // later: what was taken last is still lent
  }

  #close(): void {
    this.#budget.leave(this)
    this.#call.closed?.()
  }
}
