import { SpeechError } from '../errors.ts'
import { type WatchedPcm, type Watcher, watched } from '../guard/watched.ts'
import type { Guard, Pcm, Signal } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'
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
  (lane: Lane, { now = clock }: InLaneOptions = {}): Guard =>
  (next) =>
  async (clause, options) => {
    const { signal } = options
    const { place } = await lane.take(clause, options)
    if (signal.aborted) {
      place[Symbol.dispose]() // it came just as the caller left
      throw signal.reason
    }
    return unlessAborted(
      inPlace(place, { signal, now, call: () => next(clause, { ...options, place }) }),
      signal,
    )
  }

interface StayOptions extends Required<InLaneOptions> {
  readonly signal: Signal
}

async function inPlace(
  place: Place,
  { call, ...options }: StayOptions & { readonly call: () => Promise<Pcm> },
): Promise<Pcm> {
  const stay = new Stay(place, options)
  const pcm = await call().catch((thrown) => {
    stay.failed(thrown)
    throw thrown
  })
  stay.began()
  return watched(pcm, stay)
}

/** One call in its place, which it tells how it goes; only time counts in which something is asked of the host. */
class Stay implements Watcher {
  readonly #place: Place
  readonly #signal: Signal
  readonly #now: () => number
  /** Since when something is asked. */
  #since: number | undefined
  #ms = 0

  constructor(place: Place, { signal, now }: StayOptions) {
    this.#place = place
    this.#signal = signal
    this.#now = now
    this.#since = now()
  }

  began(): void {
    this.#count()
    this.#place.firstAudio(this.#ms)
  }

  asked(): void {
    this.#since = this.#now()
  }

  came(): void {
    this.#count()
  }

  ended({ seconds: audioSeconds }: WatchedPcm): void {
    this.#place.end({ ms: this.#ms, audioSeconds, ok: true })
  }

  failed(thrown: unknown, heard?: WatchedPcm): void {
    this.#count()
    // Only a failure of the host's own tells something about how much it can bear.
    const isHosts = !this.#signal.aborted && SpeechError.from(thrown).source === 'host'
    if (isHosts) this.#place.end({ ms: this.#ms, audioSeconds: heard?.seconds ?? 0, ok: false })
    else this.#place[Symbol.dispose]()
  }

  givenUp(free: Promise<void>): void {
    this.#place.hold(free)
  }

  left(): void {
    this.#place[Symbol.dispose]()
  }

  #count(): void {
    if (this.#since === undefined) return
    this.#ms += this.#now() - this.#since
    this.#since = undefined
  }
}

/** Rejects as soon as `signal` aborts; audio that comes after that is cancelled. */
function unlessAborted(call: Promise<Pcm>, signal: Signal): Promise<Pcm> {
  const { promise, resolve, reject } = Promise.withResolvers<Pcm>()
  const leave = () => reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave() // as the call was made
  call
    .then((pcm) => {
      if (!signal.aborted) return resolve(pcm)
      pcm.cancel(signal.reason).catch(() => {}) // its place is given back either way
    }, reject)
    .finally(() => signal.removeEventListener('abort', leave))
  return promise
}
