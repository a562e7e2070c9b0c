import type { Guard, Pcm, Samples } from '../speech.ts'
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
    const call = next(clause, { signal }).then((pcm) => ({ ...pcm, stream: onSettled(pcm.stream, release) }))
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
      pcm.stream.cancel(signal.reason).catch(() => {}) // its slot is released either way
    }, reject)
    .finally(() => signal.removeEventListener('abort', leave))
  return promise
}

function onSettled(stream: ReadableStream<Samples>, settled: () => void): ReadableStream<Samples> {
  const reader = stream.getReader()
  let left = false // a cancel ends a pending read at once, the host may be busy for longer
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (left) return
          if (!done) return controller.enqueue(value)
          settled()
          controller.close()
        } catch (thrown) {
          if (!left) settled()
          throw thrown
        }
      },
      cancel(reason) {
        left = true
        return reader.cancel(reason).finally(settled)
      },
    },
    { highWaterMark: 0 },
  )
}
