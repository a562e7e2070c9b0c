export interface HedgeOptions {
  /** The share of a host's first audios that come in time. @default 0.95 */
  readonly percentile?: number
  /** No call is hedged sooner, in milliseconds. @default 100 */
  readonly minMs?: number
  /** How many of a host's latest calls are remembered. @default 100 */
  readonly samples?: number
  /** With fewer than these nothing is said of a host. @default 20 */
  readonly atLeast?: number
}

/** So many hosts are remembered: addresses of a name come and go. */
const MOST_HOSTS = 256

/** Knows how long each host usually takes to its first audio, and so when a second one is worth asking. */
export class Hedge {
  readonly #options: Required<HedgeOptions>
  readonly #latest = new Map<string, number[]>()

  constructor({ percentile = 0.95, minMs = 100, samples = 100, atLeast = 20 }: HedgeOptions = {}) {
    this.#options = { percentile, minMs, samples, atLeast }
  }

  /** Takes note of a first audio; of a call that was given up, that it took at least so long. */
  took(host: string, ms: number): void {
    const latest = this.#latest.get(host) ?? []
    this.#latest.delete(host)
    this.#latest.set(host, latest)
    latest.push(ms)
    if (latest.length > this.#options.samples) latest.shift()
    const [oldest] = this.#latest.keys()
    if (this.#latest.size > MOST_HOSTS) this.#latest.delete(oldest!)
  }

  /** After how many milliseconds a call to `host` is late; `undefined` while too little is known. */
  delayMs(host: string): number | undefined {
    const { percentile, minMs, atLeast } = this.#options
    const latest = this.#latest.get(host) ?? []
    if (latest.length < atLeast) return undefined
    const rank = Math.ceil(percentile * latest.length) - 1
    return Math.max(minMs, latest.toSorted((a, b) => a - b)[rank]!)
  }
}
