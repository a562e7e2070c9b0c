import { SpeechError } from '../errors.ts'

export interface SlotsOptions {
  /** How many may be held at once. */
  readonly size: number
  /** How many may wait for one; more are refused. @default 4096 */
  readonly queue?: number
}

/** A host's places, given in the order in which they were asked for. */
export class Slots {
  readonly size: number
  readonly #queue: number
  readonly #waiting = new Set<() => void>()
  #taken = 0

  constructor({ size, queue = 4096 }: SlotsOptions) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(`Cannot create slots: size must be a positive integer, current value is ${size}`)
    }
    this.size = size
    this.#queue = queue
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Work held and waiting as a share of the size: what a router compares. */
  get load(): number {
    return (this.#taken + this.#waiting.size) / this.size
  }

  /** Takes a place, to be disposed of once the host is free; waits for one until `signal` aborts. */
  async take(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted()
    if (this.#taken < this.size) return this.#place()
    if (this.#waiting.size >= this.#queue) {
      throw new SpeechError(`Host is overloaded: ${this.#queue} clauses wait for it`, {
        code: 'unavailable',
        source: 'proxy',
        retryable: true,
      })
    }
    const { promise, resolve, reject } = Promise.withResolvers<Disposable>()
    const next = () => resolve(this.#place())
    const leave = () => {
      this.#waiting.delete(next)
      reject(signal.reason)
    }
    this.#waiting.add(next)
    signal.addEventListener('abort', leave, { once: true })
    return promise.finally(() => signal.removeEventListener('abort', leave))
  }

  #place(): Disposable {
    this.#taken++
    let held = true
    return {
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        this.#taken--
        const [next] = this.#waiting
        if (!next) return
        this.#waiting.delete(next)
        next()
      },
    }
  }
}
