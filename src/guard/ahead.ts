import { SpeechError } from '../errors.ts'
import { Stopper } from '../run/stopper.ts'
import type { Pcm, Samples, Signal, Waiter } from '../speech.ts'
import type { WatchedPcm, Watcher } from './watched.ts'

/** What is told that it is turned over. */
type Turned = Pick<WatchedPcm, 'giveUp'>

export interface AheadOptions {
  /** It is one of these until it is disposed of. */
  readonly all: Set<Ahead>
  /** The caller's. */
  readonly signal: Signal
}

/** A clause that is with a host, and may be turned over to the fallback voice until it is disposed of. */
export class Ahead implements Watcher, Disposable {
  readonly index: number
  readonly #all: Set<Ahead>
  readonly #signal: Signal
  readonly #end = new Stopper()
  #waiting: Turned | undefined
  #until: Promise<void> | undefined
  #turned: { readonly reason: unknown } | undefined

  constructor(index: number, { all, signal }: AheadOptions) {
    this.index = index
    this.#all = all
    this.#signal = signal
    all.add(this)
    signal.addEventListener('abort', this, { once: true })
    if (signal.aborted) this.handleEvent()
  }

  /** The caller has left. */
  handleEvent(): void {
    this.#end.abort(this.#signal.reason)
  }

  /** Ends the call: aborts with the caller's, and when it is turned over. */
  get signal(): Signal {
    return this.#end
  }

  get isTurned(): boolean {
    return this.#turned !== undefined
  }

  /** Has it given up when it is turned over, at once when it has been. That may come after its end, before `until`. */
  reads(pcm: Turned, until: Promise<void> | undefined): void {
    this.#until = until
    this.#wait(pcm)
  }

  /** Resolves once it will not be turned over any more; rejects when it is. */
  settled(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#wait({ giveUp: reject })
    this.#until?.then(resolve)
    return promise.finally(() => this[Symbol.dispose]())
  }

  #wait(waiting: Turned): void {
    this.#waiting = waiting
    if (this.#turned) waiting.giveUp(this.#turned.reason)
  }

  ended(): void {
    if (!this.#until) this[Symbol.dispose]()
  }

  failed(): void {
    this[Symbol.dispose]()
  }

  left(): void {
    this[Symbol.dispose]()
  }

  turn(): void {
    const reason = turnedOver()
    this.#turned = { reason }
    this.#end.abort(reason)
    this.#waiting?.giveUp(reason)
  }

  [Symbol.dispose](): void {
    this.#all.delete(this)
    this.#signal.removeEventListener('abort', this)
    this.#waiting = undefined
  }
}

/** Why audio ends that was fetched ahead in a voice that is not the reply's. */
export const turnedOver = () =>
  new SpeechError('The rest of the reply is said by another voice', {
    code: 'unavailable',
    source: 'proxy',
    retryable: true,
  })

/** Audio fetched ahead that is not over before it is known that it will be heard. */
export class Unsettled implements Pcm {
  readonly rate: number
  readonly speed: number
  readonly #heard: Pcm
  readonly #ahead: Ahead
  #isSettled = false
  #failure: { readonly reason: unknown } | undefined

  constructor(heard: Pcm, ahead: Ahead) {
    this.rate = heard.rate
    this.speed = heard.speed
    this.#heard = heard
    this.#ahead = ahead
  }

  get isOver(): boolean {
    return this.#isSettled
  }

  take(): Samples | undefined {
    if (this.#failure) throw this.#failure.reason
    return this.#heard.take()
  }

  wait(waiter: Waiter): void {
    if (this.#heard.isOver) this.#settle().then(() => waiter.wake())
    else this.#heard.wait(waiter)
  }

  cancel(reason?: unknown): Promise<void> {
    return this.#heard.cancel(reason)
  }

  async #settle(): Promise<void> {
    try {
      await this.#ahead.settled()
      this.#isSettled = true
    } catch (reason) {
      this.#failure = { reason }
    }
  }
}
