import { SpeechError } from '../errors.ts'
import type { Asked } from './asked.ts'
import type { Candidate, PickHost } from './pick-host.ts'
import { watched } from './watched.ts'

/**
 * Keeps one reply on one host where it can, so that the voice does not change between its clauses: prefers the host that
 * is asked for the first clause, then the one that gave its audio. A host that fails the reply is not preferred any
 * more; the next one to speak is. A clause that is asked for again, or comes next, goes to one that has not failed it.
 */
export class Continuity {
  readonly #pick: PickHost
  #host: string | undefined
  #hasSpoken = false
  readonly #failed = new Set<string>()

  constructor(pick: PickHost) {
    this.#pick = pick
  }

  /** Whom the reply stays with, as far as is known. */
  get host(): string | undefined {
    return this.#host
  }

  readonly pick: PickHost = (clause, options) => {
    const tried = options.tried.size > 0 ? options.tried : this.#failed
    const candidate = this.#pick(clause, { ...options, tried, prefer: this.#host ?? options.prefer })
    if (!candidate) return undefined
    this.#host ??= candidate.host
    return { ...candidate, synthesize: (asked, call) => this.#ask(candidate, { clause: asked, ...call }) }
  }

  async #ask({ host, synthesize }: Candidate, { clause, ...options }: Asked) {
    const failed = (thrown: unknown) => {
      if (options.signal.aborted || SpeechError.from(thrown).source === 'client') return // it has not failed
      this.#failed.add(host)
      if (this.#host !== host) return
      this.#host = undefined
      this.#hasSpoken = false
    }
    const pcm = await synthesize(clause, options).catch((thrown) => {
      failed(thrown)
      throw thrown
    })
    if (!this.#hasSpoken) this.#host = host
    this.#hasSpoken = true
    return watched(pcm, { failed })
  }
}
