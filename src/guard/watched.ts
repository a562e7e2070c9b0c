import { Change } from '../pcm/change.ts'
import { wakeSoon } from '../pcm/supply.ts'
import type { Pcm, Samples, Waiter } from '../speech.ts'

/** Sees one clause's audio on its way. One of `ended`, `failed` and `left` is told, once, as it is over. */
export interface Watcher {
  /** The host is waited for. */
  asked?(heard: WatchedPcm): void
  /** It need not be waited for any more: there are samples, or it is over. */
  came?(): void
  /** Samples are taken. What this throws becomes the failure of all, and the audio is cancelled. */
  took?(samples: Samples, heard: WatchedPcm): void
  /** All is said. What the first to be told throws becomes a failure for all. */
  ended?(heard: WatchedPcm): void
  /** No more can be had. */
  failed?(thrown: unknown, heard: WatchedPcm): void
  /** It was given up, of which it will be told that it failed; resolves once the host is free. */
  givenUp?(free: Promise<void>): void
  /** No more will be taken: it is over, or the reader has cancelled it and the host may take its time. */
  over?(): void
  /** The reader cancelled it, and the host is free. */
  left?(reason: unknown): void
}

/** Audio that others look on at. */
export interface WatchedPcm extends Pcm {
  /** How much has been taken, in seconds. */
  readonly seconds: number
  /** Ends a wait at once, fails all that follows, and cancels the audio; nobody waits for its host. */
  giveUp(reason: unknown): void
}

/**
 * The same audio, with `watcher` told what becomes of it. Audio that is watched already is the same object: however many
 * look on, it is taken by one call and waited for once. They are told in the order in which they came.
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
  /** Whether the host is waited for; it may take many waits until there are samples. */
  #isAsked = false
  #isOver = false
  #failure: { readonly reason: unknown } | undefined
  readonly #change = new Change()

  constructor(pcm: Pcm) {
    this.rate = pcm.rate
    this.speed = pcm.speed
    this.#pcm = pcm
  }

  get seconds(): number {
    return this.#count / this.rate
  }

  get isOver(): boolean {
    return this.#pcm === undefined && this.#failure === undefined
  }

  take(): Samples | undefined {
    if (this.#failure) throw this.#failure.reason
    try {
      const samples = this.#pcm?.take()
      if (samples) this.#took(samples)
      else if (this.#pcm?.isOver) this.#ended()
      return samples
    } catch (thrown) {
      this.#fail(thrown)
      throw thrown
    }
  }

  wait(waiter: Waiter): void {
    if (!this.#pcm) {
      wakeSoon(waiter)
      return
    }
    if (!this.#isAsked && !this.#isOver) {
      this.#isAsked = true
      for (const watcher of this.watchers) watcher.asked?.(this)
    }
    this.#change.wait(waiter)
    this.#pcm.wait(this.#change)
  }

  async cancel(reason?: unknown): Promise<void> {
    const wasOver = this.#isOver
    const { watchers } = this // the audio may fail meanwhile
    this.#end()
    try {
      await this.#pcm?.cancel(reason)
    } finally {
      if (!wasOver) for (const watcher of watchers) watcher.left?.(reason)
    }
  }

  giveUp(reason: unknown): void {
    const free = this.#pcm?.cancel(reason).catch(() => {})
    if (free) for (const watcher of this.watchers) watcher.givenUp?.(free)
    this.#fail(reason)
  }

  #came(): void {
    if (!this.#isAsked) return
    this.#isAsked = false
    for (const watcher of this.watchers) watcher.came?.()
  }

  #took(samples: Samples): void {
    if (this.#isOver) return
    this.#came()
    this.#count += samples.length
    try {
      for (const watcher of this.watchers) watcher.took?.(samples, this)
    } catch (thrown) {
      this.#pcm?.cancel(thrown).catch(() => {})
      throw thrown
    }
  }

  #ended(): void {
    if (!this.#isOver) {
      this.#came()
      for (const watcher of this.watchers) watcher.ended?.(this)
    }
    this.#end()
    this.#letGo()
  }

  #fail(thrown: unknown): void {
    if (this.#failure) return
    this.#failure = { reason: thrown }
    if (!this.#isOver) for (const watcher of this.watchers) watcher.failed?.(thrown, this)
    this.#end()
    this.#letGo()
    this.#change.wake()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const watcher of this.watchers) watcher.over?.()
  }

  #letGo(): void {
    this.#pcm = undefined
    this.watchers = []
  }
}
