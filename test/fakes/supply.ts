import { Change } from '../../src/pcm/change.ts'
import type { Spool } from '../../src/pcm/spool.ts'
import type { Samples, Supply } from '../../src/speech.ts'

/** Audio that comes when it is told to. */
export class FakeSupply implements Supply<Samples>, Disposable {
  readonly #there: Samples[] = []
  readonly #change = new Change()
  #end: { readonly failure?: Error } | undefined
  /** How often it was disposed of. */
  disposed = 0

  constructor(...there: Samples[]) {
    this.#there = there
  }

  give(...samples: Samples[]): this {
    this.#there.push(...samples)
    this.#change.notify()
    return this
  }

  /** No more will come; with `failure` all that is there can still be taken. */
  end(failure?: Error): this {
    this.#end = failure ? { failure } : {}
    this.#change.notify()
    return this
  }

  get isOver(): boolean {
    return this.#end !== undefined && !this.#end.failure && this.#there.length === 0
  }

  take(): Samples | undefined {
    const samples = this.#there.shift()
    if (!samples && this.#end?.failure) throw this.#end.failure
    return samples
  }

  async wait(): Promise<void> {
    if (this.#there.length === 0 && !this.#end) await this.#change.wait()
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
  await spool.wait()
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
    async wait() {
      try {
        there = await next()
        isOver = there === undefined
      } catch (reason) {
        failure = { reason }
      }
    },
  }
}
