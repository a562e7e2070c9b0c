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

/** From the end of one try to the next while a host is expected back. */
const SOON_MS = 200
/** The same once it has been away for longer. */
export const AWAY_TRY_MS = 1_000

/** Told what each try has shown, or a call: whether the host has come, or come back, by it. */
export type PresenceListener = (isBack: boolean) => void

/**
 * Knows whether anybody takes connections at a host's address, by trying now, every five seconds, when a call has failed,
 * and more often while nobody does, so that no caller need ask in vain for it to be known. A try in vain alone does not
 * make a host one that is away, as its kept connections may go on: a call must have failed as well.
 */
export class Presence implements Disposable {
  /** Resolves once it is known for the first time. */
  readonly known: Promise<void>
  readonly #url: URL
  readonly #options: Required<{ [name in keyof PresenceOptions]: NonNullable<PresenceOptions[name]> }>
  readonly #listeners = new Set<PresenceListener>()
  #absence: string | undefined
  /** Since when there has been an absence. */
  #since = 0
  #isThere = false
  /** Whether a call has failed since it was last there. */
  #isMissed = false
  #cameBackAt = Number.NEGATIVE_INFINITY
  #isTrying = false
  /** Whether a connection made by the try under way would show nothing, as a call has failed since it began. */
  #isStale = false
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

  /** How much longer it is expected to be back, in milliseconds; 0 when it is not away, and when it has been for long. */
  get expectedMs(): number {
    if (this.#absence === undefined || !this.#isMissed) return 0
    return Math.max(0, this.#since + this.#options.awayMs - this.#options.now())
  }

  /** Whether it is of use to wait for it: it is expected back, or a try will show whether it is there. */
  get isAwaited(): boolean {
    if (this.#absence !== undefined) return this.expectedMs > 0
    return this.#isTrying && !this.#isDisposed && (this.#isMissed || !this.#isThere)
  }

  /** Whether it has come, or come back, since `moment`, in milliseconds of the clock. */
  isBackSince(moment: number): boolean {
    return this.#isThere && this.#cameBackAt >= moment
  }

  /** Has `listener` told of all that is found out, until it is disposed of. */
  watch(listener: PresenceListener): void {
    this.#listeners.add(listener)
  }

  /** It was heard. */
  heard(): void {
    if (!this.#isThere || this.#isMissed) this.#found(undefined)
  }

  /** A call has failed: tries now. */
  missed(): void {
    if (this.#isDisposed) return
    this.#isMissed = true
    this.#isStale = true
    if (this.#isTrying) return
    this.#stop?.()
    this.#try()
  }

  /** Tries no more. */
  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#stop?.()
    this.#listeners.clear()
  }

  async #try(): Promise<void> {
    this.#isTrying = true
    this.#isStale = false
    let began = this.#options.now()
    let absence = await this.#reach()
    if (absence === undefined && this.#isStale) {
      began = this.#options.now()
      absence = await this.#reach() // once: calls may go on failing, and some connection or other be made
    }
    if (this.#isDisposed) return
    this.#isTrying = false
    this.#found(absence, began)
    const { setTimer, everyMs } = this.#options
    const pauseMs = absence === undefined ? everyMs : this.expectedMs > 0 ? SOON_MS : AWAY_TRY_MS
    this.#stop = setTimer(pauseMs, () => this.#try())
  }

  /** Gives why no connection could be made, when none could. */
  async #reach(): Promise<string | undefined> {
    const { withinMs, reach, setTimer } = this.#options
    const late = new AbortController()
    const end = () => late.abort(new Error(`no connection within ${withinMs} ms`))
    const clear = setTimer(withinMs, end)
    this.#stop = end
    const absence = await reach(this.#url, late).then(() => undefined, why)
    clear()
    return absence
  }

  #found(absence: string | undefined, since = 0): void {
    const isBack = absence === undefined && !this.#isThere
    if (absence !== undefined && this.#absence === undefined) this.#since = since
    if (isBack) this.#cameBackAt = this.#options.now()
    this.#absence = absence
    this.#isThere = absence === undefined
    if (this.#isThere) this.#isMissed = false
    for (const listener of this.#listeners) listener(isBack)
  }
}

const why = (thrown: unknown): string => {
  const { code, message } = thrown as NodeJS.ErrnoException
  return code ?? message
}
