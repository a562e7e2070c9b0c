import type { Pcm, Samples } from '../speech.ts'

/** Sees one clause's audio on its way. One of `ended`, `failed` and `left` is told, once, as it is over. */
export interface Watcher {
  /** More is asked of the host. */
  asked?(heard: WatchedPcm): void
  /** It has come. What this throws becomes the read's failure, and the audio is cancelled. */
  took?(samples: Samples, heard: WatchedPcm): void
  /** All is said. What the first to be told throws becomes a failure for all. */
  ended?(heard: WatchedPcm): void
  /** A read failed. */
  failed?(thrown: unknown, heard: WatchedPcm): void
  /** No more will be read: it is over, or the reader has cancelled it and the host may take its time. */
  over?(): void
  /** The reader cancelled it, and the host is free. */
  left?(reason: unknown): void
}

/** Audio that others look on at. */
export interface WatchedPcm extends Pcm {
  /** How much has come, in seconds. */
  readonly seconds: number
  /** Makes the read that waits fail at once, and all that follow, and cancels the audio; nobody waits for its host. */
  giveUp(reason: unknown): void
}

/**
 * The same audio, with `watcher` told what becomes of it. Audio that is watched already is the same object: however many
 * look on, it is read by one call and waited for once. They are told in the order in which they came.
 */
export function watched(pcm: Pcm, watcher: Watcher): WatchedPcm {
  const shared = pcm instanceof Watched ? pcm : new Watched(pcm)
  shared.watchers.push(watcher)
  return shared
}

class Watched implements WatchedPcm {
  readonly rate: number
  readonly speed: number
  /** Let go at its end, as is the audio: who holds this one must not hold all that the host's call did. */
  watchers: Watcher[] = []
  #pcm: Pcm | undefined
  #count = 0
  #isOver = false
  #failure: { readonly reason: unknown } | undefined
  /** The read that waits. */
  #waiting: PromiseWithResolvers<Samples | undefined> | undefined

  constructor(pcm: Pcm) {
    this.rate = pcm.rate
    this.speed = pcm.speed
    this.#pcm = pcm
  }

  get seconds(): number {
    return this.#count / this.rate
  }

  // The path of every piece of audio: one promise for all who watch, and no closure of its own.
  read(): Promise<Samples | undefined> {
    if (this.#failure) return Promise.reject(this.#failure.reason)
    const waiting = Promise.withResolvers<Samples | undefined>()
    this.#waiting = waiting
    if (!this.#isOver) for (const watcher of this.watchers) watcher.asked?.(this)
    if (this.#pcm) this.#pcm.read().then(this.#came, this.#fail)
    else waiting.resolve(undefined)
    return waiting.promise
  }

  async cancel(reason?: unknown): Promise<void> {
    const wasOver = this.#isOver
    const { watchers } = this // the read that waits may fail meanwhile
    this.#end()
    try {
      await this.#pcm?.cancel(reason)
    } finally {
      if (!wasOver) for (const watcher of watchers) watcher.left?.(reason)
    }
  }

  readonly #came = (samples: Samples | undefined): void => {
    const waiting = this.#waiting
    this.#waiting = undefined // it would keep these samples until the next
    try {
      if (!this.#isOver) this.#tell(samples)
    } catch (thrown) {
      this.#waiting = waiting
      if (samples) this.giveUp(thrown)
      else this.#fail(thrown)
      return
    }
    waiting?.resolve(samples)
  }

  #tell(samples: Samples | undefined): void {
    if (samples) {
      this.#count += samples.length
      for (const watcher of this.watchers) watcher.took?.(samples, this)
    } else {
      for (const watcher of this.watchers) watcher.ended?.(this)
      this.#end()
      this.#letGo()
    }
  }

  giveUp(reason: unknown): void {
    this.#pcm?.cancel(reason).catch(() => {})
    this.#fail(reason)
  }

  readonly #fail = (thrown: unknown): void => {
    this.#failure ??= { reason: thrown }
    if (!this.#isOver) for (const watcher of this.watchers) watcher.failed?.(thrown, this)
    this.#end()
    this.#waiting?.reject(thrown)
    this.#letGo()
  }

  #letGo(): void {
    this.#pcm = undefined
    this.#waiting = undefined
    this.watchers = []
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const watcher of this.watchers) watcher.over?.()
  }
}
