import { SpeechError } from '../errors.ts'
import type { Host, Synthesize } from '../speech.ts'
import type { Slots } from './slots.ts'

/** A host with its places and its guarded call. */
export interface Route {
  readonly host: Host
  readonly slots: Slots
  readonly synthesize: Synthesize
}

/** Why a host cannot speak: it is still starting, or it failed to. */
type Unready = { readonly reason: 'starting' } | { readonly reason: 'failed'; readonly cause: unknown }

/** Chooses the host of a reply: one that has the voice and can speak, the least loaded, fallbacks last. */
export class Router {
  readonly #routes: readonly Route[]
  readonly #unready = new Map<Host, Unready>()
  /** Resolves when every host can speak or has failed to. */
  readonly settled: Promise<void>

  constructor(routes: readonly Route[]) {
    this.#routes = routes
    const starting = routes.map(async ({ host }) => {
      this.#unready.set(host, { reason: 'starting' })
      await host.ready.then(
        () => this.#unready.delete(host),
        (cause) => this.#unready.set(host, { reason: 'failed', cause }),
      )
    })
    this.settled = Promise.all(starting).then(() => {})
  }

  /** Whether any host can speak now. */
  get isReady(): boolean {
    return this.#routes.some(({ host }) => !this.#unready.has(host))
  }

  /** What keeps hosts from speaking, a line each. */
  get troubles(): string[] {
    return [...this.#unready].map(([{ id }, unready]) =>
      unready.reason === 'starting'
        ? `${id} is starting`
        : `${id} cannot speak: ${unready.cause instanceof Error ? unready.cause.message : unready.cause}`,
    )
  }

  /**
   * Gives the best route for `voice`; a host that is starting is waited for only when no other has it. Throws
   * `unavailable` when all have failed.
   */
  route(voice: string): Route {
    const able = this.#routes.filter(
      ({ host }) => host.has(voice) && this.#unready.get(host)?.reason !== 'failed',
    )
    const [best] = able.toSorted((a, b) => this.#cost(a) - this.#cost(b))
    if (best) return best
    throw new SpeechError(`No host can speak as ${voice} now`, {
      code: 'unavailable',
      source: 'proxy',
      retryable: true,
    })
  }

  #cost({ host, slots }: Route): number {
    return slots.load + (this.#unready.has(host) ? 1e6 : 0) + (host.fallback ? 1e9 : 0)
  }
}
