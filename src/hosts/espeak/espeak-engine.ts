import { SpeechError } from '../../errors.ts'
import { Handoff } from '../../pcm/handoff.ts'
import { Stopper } from '../../run/stopper.ts'
import type { Pcm, Samples, Signal } from '../../speech.ts'
import { ESPEAK_RATE } from './espeak-data.ts'
import type { Utterance } from './espeak-messages.ts'
import { EspeakLost, EspeakProcess, type EspeakProcessOptions, type SayOptions } from './espeak-process.ts'

/**
 * Says what it is given, one call after the other, and replaces its worker when that is lost: the call that lost
 * it is made again, once, unless some of it was heard.
 */
export class EspeakEngine implements AsyncDisposable {
  /** As the first worker's, with a `SpeechError`. */
  readonly ready: Promise<void>
  readonly #options: EspeakProcessOptions
  #process: EspeakProcess
  #last: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: EspeakProcessOptions) {
    this.#options = options
    this.#process = new EspeakProcess(options)
    this.ready = this.#process.ready.catch((lost) => Promise.reject(errorOf(lost)))
    this.ready.catch(() => {}) // for whoever asks
  }

  /**
   * Resolves at the first audio; a call that is aborted settles when eSpeak is free. What the listener has not
   * read waits in a queue, all of it if need be: a clause of 200 characters is about 15 s, 660 KB. eSpeak
   * makes that in 50 ms, so no other call ever waits for a listener.
   */
  async say(utterances: readonly Utterance[], { signal }: { readonly signal: Signal }): Promise<Pcm> {
    const free = await this.#turn(signal)
    const gone = new Stopper()
    gone.follow(signal)
    const first = Promise.withResolvers<void>()
    const queue = new Handoff<Samples>()
    let begun = false
    const heard = (samples: Samples) => {
      if (gone.aborted) return
      queue.push(samples)
      begun = true
      first.resolve()
    }
    const said = this.#speak(utterances, { heard, signal: gone, again: () => !begun }).finally(free)
    said.then(
      () => queue.end(),
      (thrown) => queue.fail(thrown),
    )
    await Promise.race([first.promise, said])
    if (!begun) throw errorOf(new EspeakLost('The embedded voice gave no audio'))
    return {
      rate: ESPEAK_RATE,
      speed: 1,
      get isOver() {
        return queue.isOver
      },
      take: () => queue.take(),
      wait: (waiter) => queue.wait(waiter),
      cancel(reason) {
        gone.abort(reason)
        queue.fail(reason)
        return said.catch(() => {})
      },
    }
  }

  /** Ends the worker; calls that run or wait are rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#process.end('it was closed')
  }

  /** Waits until every earlier call is done; what it gives must be called to let the next one in. */
  async #turn(signal: Signal): Promise<() => void> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    try {
      await unlessAborted(before, signal)
    } catch (reason) {
      before.then(resolve)
      throw reason
    }
    return resolve
  }

  async #speak(
    utterances: readonly Utterance[],
    { again, ...options }: SayOptions & { readonly again: () => boolean },
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (this.#process.lost && !this.#closed) this.#process = new EspeakProcess(this.#options)
      try {
        await unlessAborted(this.#process.ready, options.signal)
        await this.#process.say(utterances, options)
        return options.signal.throwIfAborted()
      } catch (thrown) {
        if (!(thrown instanceof EspeakLost)) throw thrown
        options.signal.throwIfAborted()
        if (attempt === 2 || this.#closed || !again()) throw errorOf(thrown)
      }
    }
  }
}

function errorOf(lost: EspeakLost): SpeechError {
  return new SpeechError(lost.message, { code: 'upstream', source: 'host', retryable: true, cause: lost })
}

/** Waits for `work`; rejects with the signal's reason as soon as that is aborted. */
function unlessAborted(work: Promise<void>, signal: Signal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
