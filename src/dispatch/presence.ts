import { type Reach, reachByTcp } from '../hosts/remote/reach-by-tcp.ts'
import { hostTimeouts } from '../hosts/timeouts.ts'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import { clock } from '../telemetry/clock.ts'

export interface PresenceOptions {
  /** How long one try may take, in milliseconds. @default 5000 */
  readonly withinMs?: number | undefined
  /** From the end of one try to the next while it takes connections, in milliseconds. @default 5000 */
  readonly everyMs?: number | undefined
  /** How long a host that has gone is expected to be back, in milliseconds; it is tried more often then. @default 5000 */
  readonly awayMs?: number | undefined
  /** @default over TCP */
  readonly reach?: Reach | undefined
  /** @default performance.now */
  readonly now?: (() => number) | undefined
  /** @default setTimeout */
  readonly setTimer?: SetTimer | undefined
}

/** From the end of one try to the next while a host is expected back, and once it has been away for longer. */
const SOON_MS = 200
const AWAY_MS = 1_000

/**
 * Knows whether anybody takes connections at a host's address, by trying now, every five seconds, when a call has failed,
 * and more often while nobody does, so that no caller need ask in vain for it to be known.
 */
export class Presence implements Disposable {
  /** Resolves once it is known for the first time. */
  readonly known: Promise<void>
  readonly #url: URL
  readonly #options: Required<{ [name in keyof PresenceOptions]: NonNullable<PresenceOptions[name]> }>
  readonly #onBack = new Set<() => void>()
  #absence: string | undefined
  #isThere = false
  /** Since when it has been absent. */
  #since = 0
  #cameBackAt = Number.NEGATIVE_INFINITY
  #trying: Promise<void> | undefined
  #isDisposed = false
  #stop: (() => void) | undefined

  constructor(
    url: URL,
    {
      withinMs = hostTimeouts.connectMs,
      everyMs = 5_000,
      awayMs = 5_000,
      reach = reachByTcp,
      now = clock,
      setTimer = setRealTimer,
    }: PresenceOptions = {},
  ) {
    this.#url = url
    this.#options = { withinMs, everyMs, awayMs, reach, now, setTimer }
    this.known = this.#try()
  }

  /** Why the last try was in vain, such as `ECONNREFUSED`; `undefined` when it was not, and once the host was heard. */
  get absence(): string | undefined {
    return this.#absence
  }

  /** How much longer it is expected to be back, in milliseconds; 0 when it is there, and when it has been away for long. */
  get expectedMs(): number {
    if (this.#absence === undefined) return 0
    return Math.max(0, this.#since + this.#options.awayMs - this.#options.now())
  }

  /** Whether it has come, or come back, since `moment`, in milliseconds of the clock. */
  isBackSince(moment: number): boolean {
    return this.#isThere && this.#cameBackAt >= moment
  }

  /** Has `listener` called each time that it comes or comes back; gives what ends that. */
  onBack(listener: () => void): () => void {
    this.#onBack.add(listener)
    return () => void this.#onBack.delete(listener)
  }

  /** It was heard. */
  heard(): void {
    this.#found(undefined)
  }

  /** Resolves once it is known how the try ends that is under way. */
  get looked(): Promise<void> {
    return this.#trying ?? Promise.resolve()
  }

  /** Tries now, as a call has failed, unless it is being tried. */
  look(): void {
    if (this.#isDisposed || this.#trying) return
    this.#stop?.()
    this.#try()
  }

  /** Tries no more. */
  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#stop?.()
    this.#onBack.clear()
  }

  #try(): Promise<void> {
    this.#trying = this.#tryOnce().finally(() => {
      this.#trying = undefined
    })
    return this.#trying
  }

  async #tryOnce(): Promise<void> {
    const { withinMs, everyMs, reach, now, setTimer } = this.#options
    const late = new AbortController()
    const end = () => late.abort(new Error(`no connection within ${withinMs} ms`))
    const clear = setTimer(withinMs, end)
    this.#stop = end
    const began = now()
    const absence = await reach(this.#url, late).then(() => undefined, why)
    clear()
    if (this.#isDisposed) return
    this.#found(absence, began)
    const pauseMs = this.#absence === undefined ? everyMs : this.expectedMs > 0 ? SOON_MS : AWAY_MS
    this.#stop = setTimer(pauseMs, () => this.#try())
  }

  #found(absence: string | undefined, since = 0): void {
    const wasThere = this.#isThere
    if (absence !== undefined && this.#absence === undefined) this.#since = since
    this.#absence = absence
    this.#isThere = absence === undefined
    if (wasThere || !this.#isThere) return
    this.#cameBackAt = this.#options.now()
    for (const listener of [...this.#onBack]) listener()
  }
}

const why = (thrown: unknown): string => {
  const { code, message } = thrown as NodeJS.ErrnoException
  return code ?? message
}
