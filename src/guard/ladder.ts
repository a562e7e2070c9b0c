import { SpeechError } from '../errors.ts'
import type { Claim, Clause, Pcm, Synthesize, SynthesizeOptions } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'
import { Ahead, turnedOver, Unsettled } from './ahead.ts'
import type { Asked } from './asked.ts'
import type { DegradeConfig } from './config.ts'
import { watched } from './watched.ts'

/** The voice of the worst day. */
export interface Fallback {
  /** The host's id. */
  readonly host: string
  /** A voice of its own that speaks the language of whatever it is given. */
  readonly voice: string
  readonly synthesize: Synthesize
}

export interface LadderOptions {
  /** The reply's way to the hosts, with all its attempts. */
  readonly hosts: Synthesize
  /** Who can stand in now, the first to be asked first; asked once the reply steps down. @default nobody */
  readonly fallbacks?: ((claim: Claim | undefined) => readonly Fallback[]) | undefined
  /** @default 'first' */
  readonly degrade?: DegradeConfig | undefined
  /** The clock of `Claim.deadlineAt`. @default performance.now */
  readonly now?: (() => number) | undefined
}

/**
 * One reply's way down: when no host can speak its first clause (with `always` any clause), a fallback voice says it and
 * all that follow, of several the first that gives audio. Clauses are fetched ahead of the first, and none of them may
 * be in another voice than it: until its outcome is known their ends and failures are held back, which holds no place at
 * a host. When the ladder steps down, calls for later clauses are ended and said by the fallback; audio that was handed
 * on already fails with a retryable `unavailable` error, to be asked for again, as nobody can have heard it.
 */
export class Ladder {
  readonly #hosts: Synthesize
  readonly #fallbacks: (claim: Claim | undefined) => readonly Fallback[]
  readonly #degrade: DegradeConfig
  readonly #now: () => number
  readonly #ahead = new Set<Ahead>()
  #first: Promise<void> | undefined
  /** The fallback voice that says the rest, once it is known. */
  #standing: Promise<Fallback> | undefined
  #degradedTo: string | undefined

  constructor({ hosts, fallbacks = () => [], degrade = 'first', now = clock }: LadderOptions) {
    this.#hosts = hosts
    this.#fallbacks = fallbacks
    this.#degrade = degrade
    this.#now = now
  }

  /** The host that stands in for those that could not speak; `undefined` while none does. */
  get degradedTo(): string | undefined {
    return this.#degradedTo
  }

  readonly synthesize: Synthesize = async (clause, options) => {
    if (this.#standing) return this.#sayOn({ clause, ...options })
    return clause.index === 0 ? this.#sayFirst(clause, options) : this.#sayLater(clause, options)
  }

  async #sayFirst(clause: Clause, options: SynthesizeOptions): Promise<Pcm> {
    const known = Promise.withResolvers<void>()
    this.#first = known.promise
    try {
      return await this.#hosts(clause, options)
    } catch (thrown) {
      return await this.#stepDown(clause, { ...options, thrown })
    } finally {
      if (this.#first === known.promise) this.#first = undefined
      known.resolve()
    }
  }

  async #sayLater(clause: Clause, options: SynthesizeOptions): Promise<Pcm> {
    const ahead = new Ahead(clause.index, { all: this.#ahead, signal: options.signal })
    try {
      return this.#held(await this.#hosts(clause, { ...options, signal: ahead.signal }), ahead)
    } catch (thrown) {
      await this.#first // the host is free: nothing waits for this but the caller
      ahead[Symbol.dispose]()
      if (ahead.isTurned && !options.signal.aborted) return this.#sayOn({ clause, ...options })
      return this.#stepDown(clause, { ...options, thrown })
    }
  }

  /** Audio fetched ahead, which does not end before the first clause's voice is known, and fails if it is another. */
  #held(pcm: Pcm, ahead: Ahead): Pcm {
    const first = this.#first
    const heard = watched(pcm, ahead)
    ahead.reads(heard, first)
    return first ? new Unsettled(heard, ahead) : heard
  }

  /** Gives the clause to a fallback voice and the rest of the reply with it, or throws what was thrown. */
  async #stepDown(clause: Clause, { thrown, ...options }: SynthesizeOptions & Thrown): Promise<Pcm> {
    if (options.signal.aborted || !this.#mayStepDown(thrown, options.claim)) throw thrown
    if (clause.index > 0 && this.#degrade !== 'always') throw thrown
    const asked = { clause, ...options }
    const said = this.#standing ? this.#sayOn(asked) : this.#sayInstead(asked)
    if (!said) throw thrown
    return said.catch(() => {
      throw thrown // says more than that the last resort failed too
    })
  }

  #mayStepDown(thrown: unknown, claim: Claim | undefined): boolean {
    if (this.#degrade === 'never' || this.#now() >= (claim?.deadlineAt ?? Infinity)) return false
    const { source, code, retryable } = SpeechError.from(thrown)
    const isRefusal = source !== 'host' && (code === 'exhausted' || code === 'overloaded') // hosts can speak, but not now
    return source !== 'client' && !isRefusal && (retryable || code === 'unavailable')
  }

  /** Has the first fallback that can say the clause, and the rest of the reply with it; nothing when there is none. */
  #sayInstead(asked: Asked): Promise<Pcm> | undefined {
    const [fallback, ...others] = this.#fallbacks(asked.claim)
    if (!fallback) return undefined
    const said = this.#sayByFirst(fallback, { ...asked, others })
    const standing = said.then(({ fallback }) => fallback)
    this.#standing = standing
    standing.catch(() => {
      if (this.#standing === standing) this.#standing = undefined // hosts may be asked again
    })
    for (const ahead of this.#ahead) if (ahead.index > asked.clause.index) ahead.turn()
    return said.then(({ pcm }) => pcm)
  }

  async #sayByFirst(fallback: Fallback, { others, ...asked }: Asked & Others): Promise<Said> {
    try {
      return { fallback, pcm: await this.#sayAs(fallback, asked) }
    } catch (thrown) {
      const [next, ...rest] = others
      if (!next || asked.signal.aborted) throw thrown
      asked.claim?.tell({ type: 'retried', host: fallback.host, error: SpeechError.from(thrown) })
      return this.#sayByFirst(next, { ...asked, others: rest })
    }
  }

  /** Has the one who has begun to stand in say a further clause. */
  async #sayOn(asked: Asked): Promise<Pcm> {
    const fallback = await this.#standing
    if (!fallback) throw turnedOver() // who was to stand in could not: hosts may be asked again
    asked.signal.throwIfAborted()
    return this.#sayAs(fallback, asked)
  }

  async #sayAs({ host, voice, synthesize }: Fallback, { clause, ...options }: Asked): Promise<Pcm> {
    const pcm = await synthesize({ ...clause, voice, instructions: undefined, seed: undefined }, options)
    this.#degradedTo = host
    options.claim?.tell({ type: 'degraded', host })
    return pcm
  }
}

interface Thrown {
  readonly thrown: unknown
}

interface Others {
  /** Who is asked when one cannot say it. */
  readonly others: readonly Fallback[]
}

/** Audio, and whose it is. */
interface Said {
  readonly pcm: Pcm
  readonly fallback: Fallback
}
