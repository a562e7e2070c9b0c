import type { Guard, Pcm } from '../speech.ts'
import type { Slots } from './slots.ts'

/**
 * Holds one of the host's slots from before a call until the host is free: until its last sample, its
 * failure, or the end of what it must sit through after the caller has left. The caller waits for none of that.
 */
export const slotted =
  (slots: Slots): Guard =>
  (next) =>
  async (clause, { signal }) => {
    const slot = await slots.take(signal)
    const release = () => slot[Symbol.dispose]()
    if (signal.aborted) {
      release() // the slot came just as the caller left
      throw signal.reason
    }
    const call = next(clause, { signal }).then((pcm) => onSettled(pcm, release))
    call.catch(release)
    return unlessAborted(call, signal)
  }

/** Rejects as soon as `signal` aborts; audio that comes after that is cancelled. */
function unlessAborted(call: Promise<Pcm>, signal: AbortSignal): Promise<Pcm> {
  const { promise, resolve, reject } = Promise.withResolvers<Pcm>()
  const leave = () => reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  call
    .then((pcm) => {
      if (!signal.aborted) return resolve(pcm)
      pcm.cancel(signal.reason).catch(() => {}) // its slot is released either way
    }, reject)
    .finally(() => signal.removeEventListener('abort', leave))
  return promise
}

function onSettled(pcm: Pcm, settled: () => void): Pcm {
  let left = false // a read may end at once by a cancel, the host may be busy for longer
  return {
    ...pcm,
    async read() {
      try {
        const samples = await pcm.read()
        if (!samples && !left) settled()
        return samples
      } catch (thrown) {
        if (!left) settled()
        throw thrown
      }
    },
    cancel(reason) {
      left = true
      return pcm.cancel(reason).finally(settled)
    },
  }
}
