import { Change } from '../../src/pcm/change.ts'
import type { Spool } from '../../src/pcm/spool.ts'
import { moreOf, wakeSoon } from '../../src/pcm/supply.ts'
import type { Samples, Supply, Waiter } from '../../src/speech.ts'

/** Audio that comes when it is told to, each piece lent: it is spoilt once the next is asked for. */
export class FakeSupply implements Supply<Samples>, Disposable {
  readonly #there: Samples[] = []
  readonly #change = new Change()
  #lent: Samples | undefined
  #end: { readonly failure?: Error } | undefined
  /** How often it was disposed of. */
  disposed = 0

  constructor(...there: Samples[]) {
    this.#there = there
  }

  give(...samples: Samples[]): this {
    this.#there.push(...samples)
    this.#change.wake()
    return this
  }

  /** No more will come; with `failure` all that is there can still be taken. */
  end(failure?: Error): this {
    this.#end = failure ? { failure } : {}
    this.#change.wake()
    return this
  }

  get isOver(): boolean {
    return this.#end !== undefined && !this.#end.failure && this.#there.length === 0
  }

  take(): Samples | undefined {
    this.#lent?.fill(-1)
    this.#lent = this.#there.shift()?.slice()
    if (!this.#lent && this.#end?.failure) throw this.#end.failure
    return this.#lent
  }

  wait(waiter: Waiter): void {
    if (this.#there.length > 0 || this.#end) wakeSoon(waiter)
    else this.#change.wait(waiter)
  }

  [Symbol.dispose](): void {
    this.disposed++
  }
}

/** Waits for audio of a spool and takes it; `undefined` at the end. */
export async function readFrom(
  spool: Pick<Spool, 'wait' | 'take'>,
  most: number,
): Promise<Samples | undefined> {
  await moreOf(spool)
  return spool.take(most)
}

/** Gives what `next` gives, which is called only when there is need of more. */
export function supplyOf<T>(next: () => Promise<T | undefined>): Supply<T> {
  let there: T | undefined
  let failure: { readonly reason: unknown } | undefined
  let isOver = false
  return {
    get isOver() {
      return isOver
    },
    take() {
      if (failure) throw failure.reason
      const taken = there
      there = undefined
      return taken
    },
    wait(waiter) {
      const came = (value: T | undefined) => {
        there = value
        isOver = value === undefined
      }
      const failed = (reason: unknown) => {
        failure = { reason }
      }
      next()
        .then(came, failed)
        .then(() => waiter.wake())
    },
  }
}
