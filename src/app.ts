import { Hono } from 'hono'
import { noRoute } from './api/no-route.ts'
import { openAiErrorResponse } from './api/openai-error.ts'
import { pageRoutes } from './api/pages.ts'
import { requestIds } from './api/request-id.ts'
import { speechRoutes } from './api/speech.ts'
import { statusRoutes } from './api/status.ts'
import { voiceRoutes } from './api/voices.ts'
import type { Config } from './config.ts'
import { type Route, Router } from './dispatch/router.ts'
import { Slots } from './dispatch/slots.ts'
import { slotted } from './dispatch/slotted.ts'
import { Voices } from './dispatch/voices.ts'
import { deadline } from './guard/deadline.ts'
import { guarded } from './guard/guarded.ts'
import { sanity } from './guard/sanity.ts'
import type { HostConfig } from './hosts/config.ts'
import { cosyvoiceHttp } from './hosts/cosyvoice-http.ts'
import { embedded } from './hosts/embedded.ts'
import { SpoolBudget } from './pcm/spool-budget.ts'
import { type Reply, speak } from './pipeline.ts'
import type { Host, Speech } from './speech.ts'

/** What lives as long as the process: hosts, their queues, the voices, the audio that waits. */
export interface Services extends AsyncDisposable {
  readonly router: Router
  readonly voices: Voices
  readonly budget: SpoolBudget
  /** Speaks; resolves at the first audio, rejects with a `SpeechError` when there is none to come. */
  speak(speech: Speech, options: { readonly signal: AbortSignal }): Promise<Reply>
}

/** Starts what the config asks for; `hosts` stand in for the configured ones where given. */
export function createServices(
  config: Config,
  hosts: readonly Host[] = config.hosts.map(createHost),
): Services {
  const { text, clauses, audio, lexicon, voiceAliases } = config
  const router = new Router(hosts.map((host) => createRoute(host, config)))
  const voices = new Voices(hosts, voiceAliases)
  const budget = new SpoolBudget({ bytes: audio.spoolBytes, stallMs: audio.stallSeconds * 1000 })
  return {
    router,
    voices,
    budget,
    async speak(speech, { signal }) {
      const { synthesize } = router.route(speech.voice)
      return speak(speech, { synthesize, budget, text, clauses, audio, lexicon, signal })
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()))
    },
  }
}

/** A host, its places, and its call with what stands before it: slot, deadline, sanity. */
function createRoute(host: Host, { hosts }: Config): Route {
  const slots = new Slots({ size: host.slots === 'auto' ? 4 : host.slots })
  const configured = hosts.find(({ id }) => id === host.id)
  const timeouts = configured && 'timeouts' in configured ? configured.timeouts : {}
  return { host, slots, synthesize: guarded(host.synthesize, [slotted(slots), deadline(timeouts), sanity()]) }
}

function createHost(config: HostConfig): Host {
  switch (config.kind) {
    case 'cosyvoice-http':
      return cosyvoiceHttp(config)
    case 'embedded':
      return embedded(config)
  }
}

/** Builds the whole HTTP surface; reads top to bottom like its documentation. */
export function createApp(services: Services, config: Config): Hono {
  const { router, voices, speak } = services
  const models = config.hosts.flatMap((host) => ('model' in host ? [host.model] : []))
  const app = new Hono()
  return app
    .use(requestIds)
    .route('/v1', speechRoutes({ speak, voices, maxChars: config.text.maxChars }))
    .route('/v1', voiceRoutes({ voices, models }))
    .route('/', statusRoutes(router))
    .route('/', pageRoutes())
    .notFound((c) => noRoute(c, app.routes))
    .onError((thrown) => openAiErrorResponse(thrown))
}
