import { SpeechError } from '../errors.ts'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Claim, Clause, Pcm, Signal, Synthesize } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'
import type { Asked } from './asked.ts'
import type { Hedge } from './hedge.ts'
import type { Candidate, PickHost } from './pick-host.ts'
import { Race } from './race.ts'
import type { RetryBudget } from './retry-budget.ts'
import { sleep } from './sleep.ts'

export interface AttemptsOptions {
  readonly pick: PickHost
  /** Shared by the whole process. */
  readonly budget: RetryBudget
  /** How often a clause may be asked for again, a hedge included. @default 2 */
  readonly tries?: number
  /** The first wait before the same host is asked again is up to this, each next one up to twice as long. @default 200 */
  readonly baseMs?: number
  /** No wait is longer; a host that asks for more is not waited for. @default 10000 */
  readonly maxMs?: number
  /** Asks a second host when the first is slow with a reply's first clause; shared by the whole process. None by default. */
  readonly hedge?: Hedge | undefined
  /** @default Math.random */
  readonly random?: () => number
  /** The clock of `Claim.deadlineAt`. @default performance.now */
  readonly now?: () => number
  /** @default setTimeout */
  readonly setTimer?: SetTimer
}

/**
 * Asks hosts until one speaks: another host at once, the same one after a wait with full jitter, no sooner than it asked
 * for and never past the deadline. Only failures that asking again may mend are retried, as long as there is budget and
 * the caller is there; what a queue refuses goes to other hosts only, and costs no budget, as no host was called for it.
 * Rejects with the host's failure when all fail.
 */
export const attempts = ({
  tries = 2,
  baseMs = 200,
  maxMs = 10_000,
  random = Math.random,
  now = clock,
  setTimer = setRealTimer,
  hedge,
  ...rest
}: AttemptsOptions): Synthesize => {
  const options: Filled = { tries, baseMs, maxMs, random, now, setTimer, hedge, ...rest }
  return (clause, { signal, claim }) => new Attempts({ clause, signal, claim }, options).run()
}

type Filled = Required<Omit<AttemptsOptions, 'hedge'>> & Pick<AttemptsOptions, 'hedge'>

/** All that is done to have one clause said. */
class Attempts {
  readonly #clause: Clause
  readonly #options: Filled
  readonly #signal: Signal
  readonly #claim: Claim | undefined
  readonly #tried = new Set<string>()
  readonly #notBefore = new Map<string, number>()
  readonly #failures: SpeechError[] = []
  #asked = 0

  constructor({ clause, signal, claim }: Asked, options: Filled) {
    this.#clause = clause
    this.#signal = signal
    this.#claim = claim
    this.#options = options
  }

  async run(): Promise<Pcm> {
    this.#signal.throwIfAborted()
    this.#options.budget.deposit()
    const first = this.#pick()
    if (!first) throw nobody(this.#clause)
    for (let candidate = first; ; ) {
      try {
        return await (this.#asked === 0 ? this.#askFirst(candidate) : this.#ask(candidate, this.#signal))
      } catch (thrown) {
        const error = this.#failures.at(-1)
        if (this.#signal.aborted || !error) throw thrown
        const next = await this.#next(error)
        if (!next) throw this.#verdict(error)
        this.#claim?.tell({ type: 'retried', host: candidate.host, error })
        candidate = next
      }
    }
  }

  /** Chooses whom to ask after a failure, once it may be asked; `undefined` when nobody should be. */
  async #next(error: SpeechError): Promise<Candidate | undefined> {
    const { now, setTimer } = this.#options
    if (!mayRetry(error)) return undefined
    for (let paid = false; ; paid = true) {
      const candidate = this.#pickAgain()
      if (!candidate || !(paid || this.#pay(error))) return undefined
      const wait = (this.#notBefore.get(candidate.host) ?? 0) - now()
      if (wait <= 0) return candidate
      await sleep(wait, { signal: this.#signal, setTimer })
    }
  }

  /** Chooses a host whose wait, if any, is worth it. */
  #pickAgain(): Candidate | undefined {
    const { now, maxMs } = this.#options
    const candidate = this.#picked()
    if (!candidate) return undefined
    const wait = Math.max(0, (this.#notBefore.get(candidate.host) ?? 0) - now())
    return wait <= maxMs && now() + wait < (this.#claim?.deadlineAt ?? Infinity) ? candidate : undefined
  }

  /** Whether one more call may be made, by the clause's tries and the process's budget; `after` what, if not beside. */
  #pay(after?: SpeechError): boolean {
    const { tries, budget } = this.#options
    const refused = this.#failures.filter(({ source }) => source === 'proxy').length // no call was made for these
    return this.#asked - refused <= tries && (after?.source === 'proxy' || budget.withdraw())
  }

  #pick(): Candidate | undefined {
    return this.#options.pick(this.#clause, { tried: this.#tried, claim: this.#claim })
  }

  /** Once a call has failed, its error says more than that nobody is left. */
  #picked(): Candidate | undefined {
    try {
      return this.#pick()
    } catch {
      return undefined
    }
  }

  /** Asks a host, and beside it a second one if a reply's first clause is late: the next ones have time to spare. */
  #askFirst(candidate: Candidate): Promise<Pcm> {
    const { hedge, setTimer } = this.#options
    const delayMs = this.#clause.index === 0 ? hedge?.delayMs(candidate.host) : undefined
    if (delayMs === undefined) return this.#ask(candidate, this.#signal)
    const signal = this.#signal
    const race = new Race<Candidate>({ signal, setTimer, ask: (each, own) => this.#ask(each, own) })
    return race.run(candidate, { delayMs, second: () => this.#second() })
  }

  #second(): Candidate | undefined {
    const candidate = this.#signal.aborted ? undefined : this.#pickAgain()
    if (!candidate || candidate.fallback || this.#tried.has(candidate.host) || !this.#pay()) return undefined
    this.#claim?.tell({ type: 'hedged', host: candidate.host })
    return candidate
  }

  async #ask({ host, synthesize }: Candidate, signal: Signal): Promise<Pcm> {
    const { hedge, now } = this.#options
    this.#tried.add(host)
    this.#asked++
    const started = now()
    // A call that was given up counts too: to forget the slowest would hedge ever sooner.
    const took = () => this.#clause.index === 0 && hedge?.took(host, now() - started)
    try {
      const pcm = await synthesize(this.#clause, { signal, claim: this.#claim })
      took()
      return pcm
    } catch (thrown) {
      if (!signal.aborted) this.#failed(host, SpeechError.from(thrown))
      else if (!this.#signal.aborted) took()
      throw thrown
    }
  }

  #failed(host: string, error: SpeechError): void {
    const { random, baseMs, maxMs, now } = this.#options
    const backoff = random() * Math.min(maxMs, baseMs * 2 ** this.#failures.length)
    const wait = error.source === 'proxy' ? Infinity : Math.max(backoff, error.retryAfterMs ?? 0)
    this.#notBefore.set(host, now() + wait)
    this.#failures.push(error)
  }

  /** What the caller is told: what a host said rather than what a queue did, and the soonest time to come again. */
  #verdict(last: SpeechError): SpeechError {
    if (this.#failures.length === 1 || !last.retryable) return last
    const told = this.#failures.findLast(({ source }) => source === 'host') ?? last
    const waits = this.#failures.flatMap(({ retryAfterMs }) => retryAfterMs ?? [])
    return new SpeechError(told.message, {
      code: told.code,
      source: told.source,
      scope: told.scope,
      field: told.field,
      retryable: true,
      retryAfterMs: waits.length > 0 ? Math.min(...waits) : undefined,
      cause: new AggregateError(this.#failures, `Asked ${this.#failures.length} times`),
    })
  }
}

/** Connection errors, timeouts, 5xx, bad audio, 408 and 429 of a host, and a full queue; never a caller's or tenant's. */
const mayRetry = ({ retryable, source, code }: SpeechError): boolean =>
  retryable &&
  (source === 'host' || (source === 'proxy' && (code === 'unavailable' || code === 'overloaded')))

const nobody = ({ voice }: Clause) =>
  new SpeechError(`No host can speak as ${voice} now`, {
    code: 'unavailable',
    source: 'proxy',
    retryable: true,
  })
