import { SpeechError } from '../errors.ts'
import { Stopper } from '../run/stopper.ts'
import type { Clause, Pcm, Signal, SynthesizeBatch } from '../speech.ts'
import { estimate } from './estimate.ts'
import type { Place } from './place.ts'

export interface BatchCallOptions {
  readonly place: Place
  readonly synthesize: SynthesizeBatch
  /** Told how many clauses are in the call when it begins. */
  readonly onBegin: (size: number) => void
  /** Told of each clause of a call that failed as a whole through no one's known fault. */
  readonly onSuspect: (clause: Clause) => void
  readonly now: () => number
}

type Rider = PromiseWithResolvers<Pcm>

/** What says nothing about the texts of a call: the host could not be reached, or was busy or slow. */
const NO_TEXTS_FAULT = new Set<string>(['unavailable', 'overloaded', 'exhausted', 'timeout'])

/**
 * One call that says all clauses of a place. It begins once each of them has been asked for or given up, and is aborted
 * only when all have; who leaves is let go at once, and no other is disturbed.
 */
export class BatchCall {
  readonly #options: BatchCallOptions
  readonly #riders = new Map<number, Rider>()
  /** Who was given up, and why. */
  readonly #left = new Map<number, unknown>()
  readonly #gone = new Stopper()
  #isBegun = false

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
    const { place, onBegin } = this.#options
    const isComplete = place.clauses.every((_, number) => this.#riders.has(number) || this.#left.has(number))
    if (this.#isBegun || !isComplete) return
    this.#isBegun = true
    const numbers = [...place.clauses.keys()].filter((number) => !this.#left.has(number))
    if (numbers.length === 0) {
      place[Symbol.dispose]()
      return
    }
    onBegin(numbers.length)
    this.#run(numbers)
  }

  async #run(numbers: readonly number[]): Promise<void> {
    const { place, synthesize, now } = this.#options
    const clauses = numbers.map((number) => place.clauses[number]!)
    const began = now()
    try {
      const results = await synthesize(clauses, { signal: this.#gone })
      const ms = now() - began
      for (const [i, number] of numbers.entries()) this.#deliver(number, results[i] ?? missing(i))
      const said = clauses.filter((_, i) => results[i] && !(results[i] instanceof Error))
      const audioSeconds = said.reduce((sum, clause) => sum + estimate(clause), 0)
      if (said.length > 0) place.firstAudio(ms)
      place.end({ ms, audioSeconds, ok: said.length > 0 })
    } catch (thrown) {
      this.#fail(numbers, { thrown, ms: now() - began })
    }
  }

  #deliver(number: number, result: Pcm | Error): void {
    if (result instanceof Error) this.#riders.get(number)!.reject(result)
    else if (this.#left.has(number)) result.cancel(this.#left.get(number)).catch(() => {})
    else this.#riders.get(number)!.resolve(result)
  }

  #fail(numbers: readonly number[], { thrown, ms }: { readonly thrown: unknown; readonly ms: number }): void {
    const { place, onSuspect } = this.#options
    const error = SpeechError.from(thrown)
    const isShared = numbers.length > 1
    for (const number of numbers) {
      if (isShared && !NO_TEXTS_FAULT.has(error.code)) onSuspect(place.clauses[number]!)
      this.#riders.get(number)!.reject(isShared ? shared(error) : thrown)
    }
    const isHosts = !this.#gone.aborted && error.source === 'host'
    if (isHosts) place.end({ ms, audioSeconds: 0, ok: false })
    else place[Symbol.dispose]()
  }
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
