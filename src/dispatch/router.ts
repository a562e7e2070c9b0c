import { SpeechError } from '../errors.ts'
import type { AwaitBackOptions, Away } from '../guard/coming-back.ts'
import type { Fallback } from '../guard/ladder.ts'
import type { Candidate, PickHost, PickOptions } from '../guard/pick-host.ts'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Claim, Clause, Host, Voice } from '../speech.ts'
import { AWAY_TRY_MS } from './presence.ts'
import { LONGEST_PAUSE_MS, type Route } from './route.ts'
import { Waiters } from './waiters.ts'

/** Why a host cannot speak: it is still starting, or it failed to. */
type Unready = { readonly reason: 'starting' } | { readonly reason: 'failed'; readonly cause: unknown }

export interface RouterOptions {
  /** From 0 up to 1. @default Math.random */
  readonly random?: () => number
  /** @default setTimeout */
  readonly setTimer?: SetTimer | undefined
}

/**
 * Chooses who says a clause: a host that has the voice, is well, was not tried yet, wants no pause, speaks the language
 * and follows instructions, fallbacks last; of those that are equal the one with less to do of two taken by chance, so
 * that many who choose at once do not all choose the same. A host that is away and expected back is not asked.
 */
export class Router implements Away {
  readonly #routes = new Set<Route>()
  readonly #unready = new WeakMap<Host, Unready>()
  readonly #starting = new Set<Promise<void>>()
  /** For hosts to be back. */
  readonly #waiters = new Waiters()
  readonly #random: () => number
  readonly #setTimer: SetTimer

  constructor(
    routes: Iterable<Route> = [],
    { random = Math.random, setTimer = setRealTimer }: RouterOptions = {},
  ) {
    this.#random = random
    this.#setTimer = setTimer
    for (const route of routes) this.add(route)
  }

  get routes(): readonly Route[] {
    return [...this.#routes]
  }

  /** Resolves when every host can speak or has failed to. */
  get settled(): Promise<void> {
    return Promise.all(this.#starting).then(() => {})
  }

  /** Whether any host can speak now. */
  get isReady(): boolean {
    return this.routes.some((route) => this.isUp(route))
  }

  /** Whether who comes now would be told to come again: fallbacks do not stand in for those that have too much to do. */
  get isFull(): boolean {
    const able = this.routes.filter((route) => this.isUp(route))
    const others = able.filter(({ host }) => !host.fallback)
    const asked = others.length > 0 ? others : able
    return asked.length > 0 && asked.every(({ isFull }) => isFull)
  }

  /** What keeps hosts from speaking, or from taking more to say, a line each. */
  get troubles(): string[] {
    return this.routes.flatMap(
      (route) => this.#trouble(route) ?? (route.isFull ? `${route.host.id} has a full queue` : []),
    )
  }

  /** Whether a host can speak now. */
  isUp(route: Route): boolean {
    return this.#trouble(route) === undefined
  }

  add(route: Route): void {
    const { host, presence } = route
    this.#routes.add(route)
    presence?.watch(() => this.#waiters.wake())
    this.#unready.set(host, { reason: 'starting' })
    const started = Promise.all([host.ready, presence?.known]).then(
      () => void this.#unready.delete(host),
      (cause) => void this.#unready.set(host, { reason: 'failed', cause }),
    )
    this.#starting.add(started)
    started.finally(() => this.#starting.delete(started))
  }

  /** Gives it no more work; what it is at goes on. */
  remove(route: Route): void {
    this.#routes.delete(route)
    this.#unready.delete(route.host)
    this.#waiters.wake()
  }

  /** Throws `unavailable`, with the soonest time to come again, when no host can speak as the clause wants. */
  readonly pick: PickHost = (clause, options) => {
    const having = this.routes.filter(({ host }) => host.has(clause.voice))
    const { voice } = clause
    const able = having.filter(
      (route) => this.#canSpeak(route, { voice, claim: options.claim }) && !isGone(route, options),
    )
    if (able.length === 0) throw nobody(clause, having)
    if (able.length === 1) return candidateOf(able[0]!)
    const ranks = new Map(able.map((route) => [route, this.#rank(route, { ...options, clause })]))
    const best = Math.min(...ranks.values())
    const equal = able.filter((route) => ranks.get(route) === best)
    const preferred = equal.find(({ host }) => host.id === options.prefer)
    return candidateOf(preferred ?? this.#lessLoaded(equal))
  }

  async awaitBack(clause: Clause, { since, maxMs, signal }: AwaitBackOptions): Promise<string | undefined> {
    const having = () => this.routes.filter(({ host }) => host.has(clause.voice))
    const back = () => having().find(({ presence }) => presence?.isBackSince(since))?.host.id
    const isOver = () => back() !== undefined || !having().some(({ presence }) => presence?.isAwaited)
    await this.#waiters.until(isOver, { ms: maxMs, signal, setTimer: this.#setTimer })
    return back()
  }

  awayError({ voice }: Clause): SpeechError | undefined {
    const having = this.routes.filter(({ host }) => host.has(voice))
    if (having.length === 0 || having.some(({ presence }) => presence?.absence === undefined))
      return undefined
    return away(voice, having)
  }

  /**
   * Gives those that can stand in now for hosts that cannot speak, in the order in which they came; nobody when no other
   * host is there to stand in for.
   */
  readonly fallbacks = (claim: Claim | undefined): Fallback[] => {
    const routes = this.routes.filter(({ host }) => host.fallback)
    if (routes.length === this.#routes.size) return []
    return routes.flatMap((route) => {
      const voice = anyLanguage(route.host)
      const can = voice !== undefined && this.#canSpeak(route, { voice, claim })
      return can ? { host: route.host.id, voice, synthesize: route.synthesize } : []
    })
  }

  /** Whether it is of use to ask a host now: it has not failed to start, is not awaited, and need not be left alone. */
  #canSpeak(
    { host, breaker, lane, presence }: Route,
    { voice, claim }: { readonly voice: string; readonly claim: Claim | undefined },
  ): boolean {
    return (
      this.#unready.get(host)?.reason !== 'failed' &&
      !(presence && presence.expectedMs > 0) &&
      breaker.allows(voice, claim?.request) &&
      lane.pausedMs <= LONGEST_PAUSE_MS
    )
  }

  /** Lower is better; what counts more weighs more than all that counts less. */
  #rank(
    { host, lane, presence }: Route,
    { tried, clause }: PickOptions & { readonly clause: Clause },
  ): number {
    return (
      32 * Number(host.fallback) +
      16 * Number(tried.has(host.id)) +
      8 * Number(lane.pausedMs > 0) +
      4 * Number(this.#unready.has(host) || presence?.absence !== undefined) +
      2 * Number(!speaksLanguage(host, clause)) +
      Number(!obeys(host, clause))
    )
  }

  #lessLoaded(routes: readonly Route[]): Route {
    const first = Math.floor(this.#random() * routes.length)
    const second = (first + 1 + Math.floor(this.#random() * (routes.length - 1))) % routes.length
    const [one, other] = [routes[first]!, routes[second]!]
    return other.lane.load < one.lane.load ? other : one
  }

  #trouble({ host, breaker, lane, presence }: Route): string | undefined {
    const unready = this.#unready.get(host)
    if (unready?.reason === 'starting') return `${host.id} is starting`
    if (unready) return `${host.id} cannot speak: ${messageOf(unready.cause)}`
    if (presence?.absence) return `${host.id} cannot be reached: ${presence.absence}`
    if (host.voices.length > 0 && host.voices.every(({ id }) => breaker.isLeftAlone(id)))
      return `${host.id} is left alone: its last calls failed`
    if (lane.pausedMs > LONGEST_PAUSE_MS)
      return `${host.id} wants a pause of ${Math.ceil(lane.pausedMs / 1000)} s`
    return undefined
  }
}

/** Whether it was asked in vain and takes no connections. */
const isGone = ({ host, presence }: Route, { tried }: PickOptions): boolean =>
  presence?.absence !== undefined && tried.has(host.id)

const candidateOf = ({ host, synthesize }: Route): Candidate => ({
  host: host.id,
  fallback: host.fallback,
  synthesize,
})

/** A host's voice that reads whatever it is given, else its first. */
const anyLanguage = (host: Host): string | undefined => (host.has('auto') ? 'auto' : host.voices[0]?.id)

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : cause)

/** Whether the voice is known to speak the clause's language, or speaks whatever it is given. */
function speaksLanguage({ voices }: Host, { voice, language }: Clause): boolean {
  const languages = voices.find(({ id }: Voice) => id === voice)?.languages ?? []
  const primary = language?.split('-')[0]
  return !primary || languages.length === 0 || languages.some((tag) => tag.split('-')[0] === primary)
}

/** Whether it would do as the clause's instructions say, when there are any. */
const obeys = (host: Host, { instructions, voice }: Clause): boolean =>
  !instructions || (host.obeys?.(voice) ?? true)

function away(voice: string, routes: readonly Route[]): SpeechError {
  const whys = routes.map(({ host, presence }) => `${host.id} cannot be reached: ${presence?.absence}`)
  return new SpeechError(`No host can speak as ${voice} now: ${whys.join(', ')}`, {
    code: 'unavailable',
    source: 'host',
    retryable: true,
    retryAfterMs: AWAY_TRY_MS, // it is asked as soon as a try shows that it is back
  })
}

function nobody({ voice }: Clause, having: readonly Route[]): SpeechError {
  const waits = having
    .map(({ breaker, lane, presence }) =>
      presence?.absence === undefined ? Math.max(breaker.retryAfterMs(voice), lane.pausedMs) : AWAY_TRY_MS,
    )
    .filter((ms) => ms > 0)
  return new SpeechError(`No host can speak as ${voice} now`, {
    code: 'unavailable',
    source: 'proxy',
    retryable: true,
    retryAfterMs: waits.length > 0 ? Math.min(...waits) : undefined,
  })
}
