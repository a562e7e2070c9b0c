import type { Config } from './config.ts'
import { gaugesOf, type Route } from './dispatch/route.ts'
import { Router } from './dispatch/router.ts'
import { ANYBODY, Tenants } from './dispatch/tenants.ts'
import { Voices } from './dispatch/voices.ts'
import { SpeechError } from './errors.ts'
import { Fleet, type FleetOptions } from './fleet.ts'
import type { Outgoing, Reply } from './outgoing.ts'
import { SpoolBudget } from './pcm/spool-budget.ts'
import { speak } from './pipeline.ts'
import type { CallEvent, Host, Speech, SpeechFailure, Synthesize } from './speech.ts'
import { Metrics } from './telemetry/metrics.ts'
import type { RequestMeter } from './telemetry/request-meter.ts'
import { type Way, Ways } from './ways.ts'

/** What lives as long as the process: hosts, their queues, the voices, the audio that waits. */
export interface Services extends AsyncDisposable {
  /** As configured; one whose name has several addresses has a route for each, but is here once. */
  readonly hosts: readonly Host[]
  readonly router: Router
  readonly voices: Voices
  readonly tenants: Tenants
  readonly budget: SpoolBudget
  readonly metrics: Metrics
  /** Speaks; resolves at the first audio, rejects with a `SpeechError` when there is none to come. */
  speak(speech: Speech, options: ServeOptions): Promise<DegradableReply>
  /** Has all replies that are under way fail, since the process is to end; may be handed on without its owner. */
  readonly cut: () => void
}

export interface ServeOptions {
  readonly signal: AbortSignal
  readonly meter?: RequestMeter | undefined
}

export interface DegradableReply extends Reply {
  /** The host that stands in for those that could not speak; `undefined` while none does. */
  readonly degradedTo: string | undefined
}

export interface ServicesOptions extends Pick<FleetOptions, 'hosts' | 'lookup' | 'setTimer' | 'watch'> {
  /** Told what becomes of every clause. */
  readonly tell?: (event: CallEvent) => void
}

/** Starts what the config asks for. */
export function createServices(config: Config, options: ServicesOptions = {}): Services {
  const { text, clauses, audio, lexicon, voiceAliases } = config
  const metrics = new Metrics()
  const router = new Router([], { setTimer: options.setTimer })
  const fleet = new Fleet(config, { router, metrics, ...options })
  const voices = new Voices(fleet.hosts, voiceAliases)
  const budget = new SpoolBudget({ bytes: audio.spoolBytes, stallMs: audio.stallSeconds * 1000 })
  const ways = new Ways(config, { router, setTimer: options.setTimer })
  /** Whose failure each is: an error names no host, and audio may break off far above the call to it. */
  const hostOf = new WeakMap<SpeechFailure, string>()
  const open = new Set<Outgoing>()
  const standing = (route: Route) => ({ ...gaugesOf(route), isUp: router.isUp(route) })
  metrics.watch({ hosts: () => router.routes.map(standing), spool: () => budget })

  return {
    hosts: fleet.hosts,
    router,
    voices,
    tenants: new Tenants(config.tenants),
    budget,
    metrics,
    async speak(speech, { signal, meter }) {
      const way = ways.of(speech)
      const { id: request, tenant = NOBODYS, priority = 0, deadlineAt } = speech
      const synthesize: Synthesize = (clause, call) => {
        const told = meter?.teller(clause.index) ?? metrics.tell
        const tell = (event: CallEvent) => {
          if (event.type === 'failed') hostOf.set(event.error, event.host)
          told(event)
          options.tell?.(event)
        }
        const until = clause.index === 0 ? deadlineAt : undefined // it is what the deadline is for
        const claim = { request, tenant, priority, tell, deadlineAt: until }
        return way.synthesize(clause, { signal: call.signal, claim })
      }
      const mayAskAgain = (error: SpeechFailure) => {
        if (!ways.retries.withdraw()) return false
        const host = hostOf.get(error)
        if (host === undefined) return true // no host has failed: the clause is to be in another voice
        const event = { type: 'retried', host, error } as const
        metrics.tell(event)
        options.tell?.(event)
        return true
      }
      const voice = voices.of(speech.voice)
      const cut = { text, clauses, lexicon, voice }
      const path = { synthesize, mayAskAgain, ...cut, budget, audio, signal, open, meter }
      return new Answer(await speak(speech, path), way)
    },
    cut() {
      for (const reply of open) reply.fail(shuttingDown())
    },
    async [Symbol.asyncDispose]() {
      metrics[Symbol.dispose]()
      await fleet[Symbol.asyncDispose]()
    },
  }
}

class Answer implements DegradableReply {
  readonly #reply: Reply
  readonly #way: Way

  constructor(reply: Reply, way: Way) {
    this.#reply = reply
    this.#way = way
  }

  get audio(): Reply['audio'] {
    return this.#reply.audio
  }

  get capacity(): number {
    return this.#reply.capacity
  }

  get seconds(): number {
    return this.#reply.seconds
  }

  get degradedTo(): string | undefined {
    return this.#way.degradedTo
  }
}

const shuttingDown = () =>
  new SpeechError('sotto is shutting down', { code: 'unavailable', source: 'proxy', retryable: true })

const NOBODYS = { id: ANYBODY, weight: 1 }
