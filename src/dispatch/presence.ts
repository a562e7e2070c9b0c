import { type Reach, reachByTcp } from '../hosts/remote/reach-by-tcp.ts'
import { hostTimeouts } from '../hosts/timeouts.ts'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'

export interface PresenceOptions {
  /** How long one try may take, in milliseconds. @default 5000 */
  readonly withinMs?: number | undefined
  /** From the end of one try to the next, in milliseconds. @default 5000 */
  readonly everyMs?: number | undefined
  /** @default over TCP */
  readonly reach?: Reach | undefined
  /** @default setTimeout */
  readonly setTimer?: SetTimer | undefined
}

/**
 * Knows whether anybody takes connections at a host's address, by trying now and every five seconds, so that no
 * caller need ask in vain for it to be known.
 */
export class Presence implements Disposable {
  /** Resolves once it is known for the first time. */
  readonly known: Promise<void>
  readonly #url: URL
  readonly #options: Required<{ [name in keyof PresenceOptions]: NonNullable<PresenceOptions[name]> }>
  #absence: string | undefined
  #isDisposed = false
  #stop: (() => void) | undefined

  constructor(
    url: URL,
    {
      withinMs = hostTimeouts.connectMs,
      everyMs = 5_000,
      reach = reachByTcp,
      setTimer = setRealTimer,
    }: PresenceOptions = {},
  ) {
    this.#url = url
    this.#options = { withinMs, everyMs, reach, setTimer }
    this.known = this.#try()
  }

  /** Why the last try was in vain, such as `ECONNREFUSED`; `undefined` when it was not, and once the host was heard. */
  get absence(): string | undefined {
    return this.#absence
  }

  /** It was heard. */
  heard(): void {
    this.#absence = undefined
  }

  /** Tries no more. */
  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#stop?.()
  }

  async #try(): Promise<void> {
    const { withinMs, everyMs, reach, setTimer } = this.#options
    const late = new AbortController()
    const end = () => late.abort(new Error(`no connection within ${withinMs} ms`))
    const clear = setTimer(withinMs, end)
    this.#stop = end
    const absence = await reach(this.#url, late).then(() => undefined, why)
    clear()
    if (this.#isDisposed) return
    this.#absence = absence
    this.#stop = setTimer(everyMs, () => this.#try())
  }
}

const why = (thrown: unknown): string => {
  const { code, message } = thrown as NodeJS.ErrnoException
  return code ?? message
}
