import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Claim, Clause, Synthesize } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'
import { Flight, type FlightDeps } from './flight.ts'
import { NOBODY } from './lane.ts'

export interface SingleFlightOptions {
  /** What clauses must have in common to share a call; one without it is said by itself. @default soundKey */
  readonly key?: (clause: Clause, claim: Claim | undefined) => string | undefined
  /**
   * Told when one joins a call that has no audio yet and matters more to them than to all before: by the clause's
   * place in their speech, or their priority. `clause` is the object that the call was made with.
   */
  readonly onLift?: FlightDeps['onLift']
  /** The clock of `Claim.deadlineAt`. @default performance.now */
  readonly now?: () => number
  /** @default setTimeout */
  readonly setTimer?: SetTimer
}

/**
 * Has equal clauses that are asked for at the same time said once. Whoever joins gets the audio from its start, until
 * its end is known; all of it is kept until then. Each may leave without the others noticing, at once; when the last has
 * left, the call is ended, and an equal clause makes its own. A failure is that of all who wait for what it took away.
 * The one who was first has the call made and is told what becomes of it (see `SharedClaim`), others that they `joined`.
 */
export class SingleFlight {
  readonly #options: Required<SingleFlightOptions>
  readonly #flights = new Map<string, Flight>()

  constructor({
    key = soundKey,
    onLift = () => {},
    now = clock,
    setTimer = setRealTimer,
  }: SingleFlightOptions = {}) {
    this.#options = { key, onLift, now, setTimer }
  }

  /** Calls that may be joined. */
  get size(): number {
    return this.#flights.size
  }

  /** Shares `next` with all that this object has shared before: each must say an equal clause as well. */
  synthesize(next: Synthesize): Synthesize {
    return async (clause, options) => {
      options.signal.throwIfAborted()
      const key = this.#options.key(clause, options.claim)
      if (key === undefined) return next(clause, options)
      const flight = this.#flights.get(key)
      if (flight) return flight.join(clause, options)
      return this.#first(key, { next, clause, claim: options.claim }).join(clause, options)
    }
  }

  #first(key: string, { next, clause, claim }: First): Flight {
    const onOver = () => void this.#flights.delete(key)
    const flight = new Flight(clause, { synthesize: next, claim, onOver, deps: this.#options })
    this.#flights.set(key, flight)
    return flight
  }
}

interface First {
  readonly next: Synthesize
  readonly clause: Clause
  readonly claim: Claim | undefined
}

/**
 * All that changes how a clause sounds, and whose it is: who joined another tenant's call would wait in that one's
 * backlog, and fail by that one's limits.
 */
export function soundKey(
  { spoken, voice, language, speed, instructions, seed }: Clause,
  { tenant }: Pick<Claim, 'tenant'> = NOBODY,
): string {
  const sound = { spoken, voice, language, speed, instructions, seed } satisfies Sound
  return JSON.stringify({ ...sound, tenant: tenant.id })
}

/** Fails to compile when a clause gets a property that the key does not know. */
type Sound = Record<Exclude<keyof Clause, 'index' | 'text' | 'pauseMs'>, unknown>
