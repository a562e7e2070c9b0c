import type { Config } from './config.ts'
import { FOR_FIRST } from './dispatch/admission.ts'
import type { Router } from './dispatch/router.ts'
import { SingleFlight, type SingleFlightOptions } from './dispatch/single-flight.ts'
import { attempts } from './guard/attempts.ts'
import { comingBack } from './guard/coming-back.ts'
import { Continuity } from './guard/continuity.ts'
import { Hedge } from './guard/hedge.ts'
import { keptOn } from './guard/kept-on.ts'
import { type Fallback, Ladder } from './guard/ladder.ts'
import { RetryBudget } from './guard/retry-budget.ts'
import type { SetTimer } from './run/set-timer.ts'
import type { Claim, Guard, Speech, Synthesize } from './speech.ts'

export interface WaysOptions {
  readonly router: Router
  /** @default setTimeout */
  readonly setTimer?: SetTimer | undefined
}

/** One reply's way to the hosts. */
export interface Way {
  readonly synthesize: Synthesize
  /** The host that stands in for those that could not speak; `undefined` while none does. */
  readonly degradedTo: string | undefined
}

/** Makes each reply's way to the hosts, of what all replies share: calls under way, budgets, who waits. */
export class Ways {
  /** Of the whole process. */
  readonly retries: RetryBudget
  readonly #config: Config
  readonly #router: Router
  readonly #hedge: Hedge | undefined
  readonly #onLift: NonNullable<SingleFlightOptions['onLift']>
  readonly #flights: SingleFlight
  /** Those of each host that stands in: its calls are its own. */
  readonly #standIns = new WeakMap<Synthesize, SingleFlight>()
  /** What waits for hosts, and for room. */
  readonly #patient: Guard

  constructor(config: Config, { router, setTimer }: WaysOptions) {
    const { awaySeconds, budgetShare, budgetPerSecond } = config.attempts
    const { maxRequests, maxWaitMs } = config.queue
    this.#config = config
    this.#router = router
    this.retries = new RetryBudget({ share: budgetShare, perSecond: budgetPerSecond })
    this.#hedge = config.hedge.enabled ? new Hedge(config.hedge) : undefined
    this.#onLift = (clause, standing) => router.routes.map(({ lane }) => lane.lift(clause, standing))
    this.#flights = new SingleFlight({ onLift: this.#onLift })
    const back = comingBack({ hosts: router, maxMs: awaySeconds * 1000, most: maxRequests * FOR_FIRST })
    const room = keptOn({ maxMs: maxWaitMs, setTimer })
    this.#patient = (next) => back(room(next))
  }

  /** From the outermost in: patience, ladder, single flight, attempts, then a route. */
  of({ share = true, degrade = true }: Pick<Speech, 'share' | 'degrade'>): Way {
    const { pick } = new Continuity(this.#router.pick)
    const { tries, baseMs, maxMs } = this.#config.attempts
    const hosts = attempts({ pick, budget: this.retries, tries, baseMs, maxMs, hedge: this.#hedge })
    const ladder = new Ladder({
      hosts: share ? this.#flights.synthesize(hosts) : hosts,
      fallbacks: share ? this.#sharedFallbacks : this.#router.fallbacks,
      degrade: degrade ? this.#config.degrade : 'never',
    })
    return {
      synthesize: this.#patient(ladder.synthesize),
      get degradedTo() {
        return ladder.degradedTo
      },
    }
  }

  readonly #sharedFallbacks = (claim: Claim | undefined): Fallback[] =>
    this.#router.fallbacks(claim).map((fallback) => {
      const own = this.#standIns.get(fallback.synthesize) ?? new SingleFlight({ onLift: this.#onLift })
      this.#standIns.set(fallback.synthesize, own)
      return { ...fallback, synthesize: own.synthesize(fallback.synthesize) }
    })
}
