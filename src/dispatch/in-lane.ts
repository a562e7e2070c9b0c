import { SpeechError } from '../errors.ts'
import type { Guard, Pcm, SynthesizeOptions } from '../speech.ts'
import type { Lane } from './lane.ts'
import type { Place } from './place.ts'

export interface InLaneOptions {
  /** @default performance.now */
  readonly now?: () => number
}

/**
 * Holds a place in the host's lane from before a call until the host is free: until its last sample, its failure, or
 * the end of what it must sit through after the caller has left. The caller waits for none of that.
 */
export const inLane =
  (lane: Lane, { now = () => performance.now() }: InLaneOptions = {}): Guard =>
  (next) =>
  async (clause, options) => {
    const { signal } = options
    const { place } = await lane.take(clause, options)
    if (signal.aborted) {
      place[Symbol.dispose]() // it came just as the caller left
      throw signal.reason
    }
    const run = new Run(place, { ...options, now })
    const call = run.begin(() => next(clause, options))
    return unlessAborted(call, signal)
  }

/** One call: tells its place how it goes, counting only the time in which something is asked of the host. */
class Run {
  readonly #place: Place
  readonly #signal: AbortSignal
  readonly #now: () => number
  #ms = 0
  #audioSeconds = 0
  #isLeft = false // a read may end at once by a cancel, the host may be busy for longer

  constructor(place: Place, { signal, now }: SynthesizeOptions & { readonly now: () => number }) {
    this.#place = place
    this.#signal = signal
    this.#now = now
  }

  async begin(call: () => Promise<Pcm>): Promise<Pcm> {
    const pcm = await this.#asked(call)
    this.#place.firstAudio(this.#ms)
    return {
      rate: pcm.rate,
      speed: pcm.speed,
      read: async () => {
        const samples = await this.#asked(() => pcm.read())
        if (samples) this.#audioSeconds += samples.length / pcm.rate
        else if (!this.#isLeft) this.#end(true)
        return samples
      },
      cancel: (reason) => {
        this.#isLeft = true
        return pcm.cancel(reason).finally(() => this.#place[Symbol.dispose]())
      },
    }
  }

  async #asked<T>(work: () => Promise<T>): Promise<T> {
    const since = this.#now()
    const count = () => {
      this.#ms += this.#now() - since
    }
    try {
      const given = await work()
      count()
      return given
    } catch (thrown) {
      count()
      if (!this.#isLeft) this.#fail(thrown)
      throw thrown
    }
  }

  /** Only a failure of the host's own tells something about how much it can bear. */
  #fail(thrown: unknown): void {
    const isHosts = !this.#signal.aborted && SpeechError.from(thrown).source === 'host'
    if (isHosts) this.#end(false)
    else this.#place[Symbol.dispose]()
  }

  #end(ok: boolean): void {
    this.#place.end({ ms: this.#ms, audioSeconds: this.#audioSeconds, ok })
  }
}

/** Rejects as soon as `signal` aborts; audio that comes after that is cancelled. */
function unlessAborted(call: Promise<Pcm>, signal: AbortSignal): Promise<Pcm> {
  const { promise, resolve, reject } = Promise.withResolvers<Pcm>()
  const leave = () => reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  call
    .then((pcm) => {
      if (!signal.aborted) return resolve(pcm)
      pcm.cancel(signal.reason).catch(() => {}) // its place is given back either way
    }, reject)
    .finally(() => signal.removeEventListener('abort', leave))
  return promise
}
