import { lookup as lookUp } from 'node:dns/promises'
import { isIP, isIPv4 } from 'node:net'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'

/** One place where a host can be reached. */
export interface Endpoint {
  /** The host's id; followed by `@` and the address where its name has several: `gpu-1@10.0.0.2`. */
  readonly id: string
  /** As it was configured; the address in the name's place where there are several. */
  readonly url: string
  /** To be sent with every request: the name as `host` where the URL has it no more, else nothing. */
  readonly headers: Readonly<Record<string, string>>
}

export interface EndpointsChange {
  readonly added: readonly Endpoint[]
  /** The very ones that were given before. */
  readonly removed: readonly Endpoint[]
}

export interface EndpointsOptions {
  /** Told of each change after the first endpoints; never of none. */
  readonly onChange?: (change: EndpointsChange) => void
  /** Gives a name's addresses. @default node:dns/promises' lookup, of all */
  readonly lookup?: (name: string) => Promise<readonly string[]>
  /** Time between two look-ups, in milliseconds. @default 30000 */
  readonly everyMs?: number
  /** How long the first endpoints may take, in milliseconds; then the name itself is the one. @default 5000 */
  readonly startMs?: number
  /** @default setTimeout */
  readonly setTimer?: SetTimer
}

/** A resolver that hangs must not collect look-ups, and one that has lost a single one must not stop the rest. */
const MOST_PENDING = 2

/**
 * Knows the endpoints of one host's URL: one for each address of its name, looked up again every 30 seconds. A look-up
 * that fails, or has yet to come back, changes nothing. `Fleet` has a route, with its own slots and breaker, to each.
 *
 * A name with one address is left as it is, for `fetch` to resolve. Once it has had several, an address keeps its id
 * for as long as it is listed, so that scaling down to one and up again loses no state. Of a machine that has both,
 * only IPv4 addresses count: it would be two hosts otherwise. Not looked up are addresses, `localhost`, and `https`
 * URLs, whose certificate is for the name. The server still gets the name as its `host` header: Bun's `fetch` sends
 * one that it is given, Deno's sends the address instead, which only a gateway that serves several names by one
 * address minds; `hostFetch` in `run/` sends the name on both.
 */
export class Endpoints implements Disposable {
  /** Resolves with the first endpoints, at least one; never rejects. */
  readonly ready: Promise<readonly Endpoint[]>
  readonly #host: { readonly id: string; readonly url: string }
  readonly #options: Required<EndpointsOptions>
  readonly #began = Promise.withResolvers<readonly Endpoint[]>()
  #list: readonly Endpoint[] = []
  #asked = 0
  #answered = 0
  #pending = 0
  #disposed = false
  #clear = () => {}

  constructor(host: { readonly id: string; readonly url: string }, options: EndpointsOptions = {}) {
    this.#host = host
    this.#options = {
      onChange: () => {},
      lookup: lookUpAll,
      everyMs: 30_000,
      startMs: 5_000,
      setTimer: setRealTimer,
      ...options,
    }
    this.ready = this.#began.promise
    if (mayHaveSeveral(host.url)) this.#start()
    else this.#begin([this.#named()])
  }

  /** Those of now; none before `ready`. */
  get list(): readonly Endpoint[] {
    return this.#list
  }

  /** Looks nothing up any more. */
  [Symbol.dispose](): void {
    this.#disposed = true
    this.#clear()
    this.#begin([this.#named()])
  }

  #start(): void {
    const { setTimer, startMs } = this.#options
    this.#clear = setTimer(startMs, () => this.#begin([this.#named()]))
    this.#ask().finally(() => this.#begin([this.#named()])) // unless it has begun with the addresses
  }

  /** Looks up now, and again after a while. */
  async #ask(): Promise<void> {
    if (this.#pending >= MOST_PENDING) return
    const turn = ++this.#asked
    this.#pending++
    try {
      const addresses = usable(await this.#options.lookup(new URL(this.#host.url).hostname))
      if (turn < this.#answered || addresses.length === 0) return
      this.#answered = turn
      this.#update(addresses)
    } catch {
      // what was known before is better than nothing
    } finally {
      this.#pending--
    }
  }

  #update(addresses: readonly string[]): void {
    const isNamed = this.#list.every(({ url }) => url === this.#host.url) // as it also is at the start
    const next =
      addresses.length === 1 && isNamed
        ? [this.#named()]
        : addresses.map((address) => endpointAt(address, this.#host))
    if (this.#list.length === 0) this.#begin(next)
    const [added, removed] = [without(next, this.#list), without(this.#list, next)]
    if (this.#disposed || added.length + removed.length === 0) return
    this.#list = [...without(this.#list, removed), ...added]
    this.#options.onChange({ added, removed })
  }

  /** Takes the first endpoints, once, and keeps them up to date from there on. */
  #begin(endpoints: readonly Endpoint[]): void {
    if (this.#list.length > 0) return
    this.#list = endpoints
    this.#began.resolve(endpoints)
    this.#clear()
    if (mayHaveSeveral(this.#host.url)) this.#askLater()
  }

  #askLater(): void {
    if (this.#disposed) return
    this.#clear = this.#options.setTimer(this.#options.everyMs, () => {
      this.#ask()
      this.#askLater()
    })
  }

  #named(): Endpoint {
    const { id, url } = this.#host
    return { id, url, headers: {} }
  }
}

/** Whether a URL's name may stand for several machines, and an address may take its place. */
function mayHaveSeveral(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return (
    protocol === 'http:' && !isIP(hostname.replace(/^\[|\]$/g, '')) && !/(^|\.)localhost\.?$/.test(hostname)
  )
}

const lookUpAll = async (name: string): Promise<string[]> =>
  (await lookUp(name, { all: true })).map(({ address }) => address)

/** Each once, of one family, in an order that does not change from one look-up to the next. */
function usable(addresses: readonly string[]): string[] {
  const known = [...new Set(addresses)].filter((address) => isIP(address) && !address.includes('%')).sort()
  const old = known.filter(isIPv4)
  return old.length > 0 ? old : known
}

function endpointAt(address: string, { id, url }: { readonly id: string; readonly url: string }): Endpoint {
  const at = new URL(url)
  const headers = { host: at.host }
  at.hostname = isIPv4(address) ? address : `[${address}]`
  return { id: `${id}@${address}`, url: at.href, headers }
}

const without = (endpoints: readonly Endpoint[], others: readonly Endpoint[]): Endpoint[] =>
  endpoints.filter(({ id }) => !others.some((other) => other.id === id))
