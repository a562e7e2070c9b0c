import { SpeechError } from '../errors.ts'
import { watched } from '../guard/watched.ts'
import type { Guard, Pcm } from '../speech.ts'
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
    return unlessAborted(inPlace(place, { signal, now, call: () => next(clause, options) }), signal)
  }

interface InPlaceOptions extends Required<InLaneOptions> {
  readonly signal: AbortSignal
  readonly call: () => Promise<Pcm>
}

/** Makes one call and tells its place how it goes, counting only the time in which something is asked of the host. */
async function inPlace(place: Place, { signal, now, call }: InPlaceOptions): Promise<Pcm> {
  let [since, ms, audioSeconds] = [now(), 0, 0]
  const count = () => {
    ms += now() - since
  }
  const failed = (thrown: unknown) => {
    count()
    // Only a failure of the host's own tells something about how much it can bear.
    const isHosts = !signal.aborted && SpeechError.from(thrown).source === 'host'
    if (isHosts) place.end({ ms, audioSeconds, ok: false })
    else place[Symbol.dispose]()
  }
  const pcm = await call().catch((thrown) => {
    failed(thrown)
    throw thrown
  })
  count()
  place.firstAudio(ms)
  return watched(pcm, {
    asked: () => {
      since = now()
    },
    took: (samples) => {
      count()
      audioSeconds += samples.length / pcm.rate
    },
    ended: () => {
      count()
      place.end({ ms, audioSeconds, ok: true })
    },
    failed,
    left: () => place[Symbol.dispose](),
  })
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
