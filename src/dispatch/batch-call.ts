import { SpeechError } from '../errors.ts'
import { mayBeTheText } from '../guard/may-be-the-text.ts'
import { Stopper } from '../run/stopper.ts'
import type { Clause, Pcm, Signal, SynthesizeBatch } from '../speech.ts'
import { estimate } from './estimate.ts'
import type { Place } from './place.ts'

export interface BatchCallOptions {
  readonly place: Place
  readonly synthesize: SynthesizeBatch
  /** Told how many clauses are in each call when it begins. */
  readonly onBegin: (size: number) => void
  /** Told of each clause that may have failed a call as a whole. */
  readonly onSuspect: (clause: Clause) => void
  readonly now: () => number
}

type Rider = PromiseWithResolvers<Pcm>

/**
 * One call that says all clauses of a place, or several where one of the texts fails it. It begins once each of them has
 * been asked for or given up, and is aborted only when all have; who leaves is let go at once, and no other is disturbed.
 */
export class BatchCall {
  readonly #options: BatchCallOptions
  readonly #riders = new Map<number, Rider>()
  /** Who was given up, and why. */
  readonly #left = new Map<number, unknown>()
  readonly #gone = new Stopper()
  #isBegun = false
  /** What has been said, as far as is known. */
  #audioSeconds = 0

  constructor(options: BatchCallOptions) {
    this.#options = options
  }

  /** Says one of the place's clauses. */
  ask(number: number, signal: Signal): Promise<Pcm> {
    const rider = Promise.withResolvers<Pcm>()
    const leave = () => this.leave(number, signal.reason)
    this.#riders.set(number, rider)
    if (signal.aborted) leave()
    else {
      signal.addEventListener('abort', leave, { once: true })
      this.#beginOnceComplete()
    }
    return rider.promise.finally(() => signal.removeEventListener('abort', leave))
  }

  /** Gives up one of the place's clauses, said or not. */
  leave(number: number, reason: unknown): void {
    if (this.#left.has(number)) return
    this.#left.set(number, reason)
    this.#riders.get(number)?.reject(reason)
    if (this.#left.size === this.#options.place.clauses.length) this.#gone.abort(reason)
    this.#beginOnceComplete()
  }

  #beginOnceComplete(): void {
    const { place } = this.#options
    const isComplete = place.clauses.every((_, number) => this.#riders.has(number) || this.#left.has(number))
    if (this.#isBegun || !isComplete) return
    this.#isBegun = true
    const numbers = [...place.clauses.keys()].filter((number) => !this.#left.has(number))
    if (numbers.length === 0) {
      place[Symbol.dispose]()
      return
    }
    this.#run(numbers)
  }

  /**
   * Says all. A text may be at fault for a call that fails as a whole: it is said in halves, the one that fails in
   * halves again, until the text is found or both halves fail, which is then the host's own fault.
   */
  async #run(numbers: readonly number[]): Promise<void> {
    const { place, now } = this.#options
    const began = now()
    let suspects = numbers
    let failed = await this.#call(suspects)
    while (failed && suspects.length > 1 && this.#mayBeATexts(failed)) {
      const half = Math.ceil(suspects.length / 2)
      const [one, other] = [suspects.slice(0, half), suspects.slice(half)]
      const [first, second] = [await this.#call(one), await this.#call(other)]
      if (first && second) break
      failed = first ?? second
      suspects = first ? one : other
    }
    if (failed) this.#fail(suspects, failed)
    const ended = { ms: now() - began, audioSeconds: this.#audioSeconds, ok: this.#audioSeconds > 0 }
    if (ended.ok) place.firstAudio(ended.ms)
    if (ended.ok || !failed || this.#isHosts(failed)) place.end(ended)
    else place[Symbol.dispose]()
  }

  /** Says clauses in one call, but for those that were given up; gives why it has failed as a whole, when it has. */
  async #call(numbers: readonly number[]): Promise<Failed | undefined> {
    const { place, synthesize, onBegin } = this.#options
    const asked = numbers.filter((number) => !this.#left.has(number))
    if (asked.length === 0) return undefined
    const clauses = asked.map((number) => place.clauses[number]!)
    onBegin(asked.length)
    try {
      const results = await synthesize(clauses, { signal: this.#gone })
      for (const [i, number] of asked.entries()) this.#deliver(number, results[i] ?? missing(i))
      const said = clauses.filter((_, i) => results[i] && !(results[i] instanceof Error))
      this.#audioSeconds += said.reduce((sum, clause) => sum + estimate(clause), 0)
      return undefined
    } catch (thrown) {
      return { thrown, error: SpeechError.from(thrown) }
    }
  }

  #mayBeATexts({ error }: Failed): boolean {
    return !this.#gone.aborted && mayBeTheText(error)
  }

  #isHosts({ error }: Failed): boolean {
    return !this.#gone.aborted && error.source === 'host'
  }

  #deliver(number: number, result: Pcm | Error): void {
    if (result instanceof Error) this.#riders.get(number)!.reject(result)
    else if (this.#left.has(number)) result.cancel(this.#left.get(number)).catch(() => {})
    else this.#riders.get(number)!.resolve(result)
  }

  #fail(numbers: readonly number[], failed: Failed): void {
    const { place, onSuspect } = this.#options
    const isShared = place.clauses.length > 1
    for (const number of numbers) {
      if (isShared && this.#mayBeATexts(failed)) onSuspect(place.clauses[number]!)
      this.#riders.get(number)?.reject(numbers.length > 1 ? shared(failed.error) : failed.thrown)
    }
  }
}

interface Failed {
  readonly thrown: unknown
  readonly error: SpeechError
}

const missing = (i: number) =>
  new SpeechError(`Host gave no result for text ${i + 1} of its batch`, {
    code: 'upstream',
    source: 'host',
    retryable: true,
  })

/** What each clause of a call is told that failed for all: it may be another's fault, so it may be asked for again. */
const shared = (cause: SpeechError) =>
  new SpeechError(`Batch call failed: ${cause.message}`, {
    code: cause.source === 'client' ? 'upstream' : cause.code,
    source: 'host',
    retryable: true,
    scope: cause.scope,
    retryAfterMs: cause.retryAfterMs,
    cause,
  })
