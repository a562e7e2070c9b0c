import { Hono } from 'hono'
import { metricsRoutes } from './api/metrics.ts'
import { noRoute } from './api/no-route.ts'
import { openAiErrorResponse } from './api/openai-error.ts'
import { pageRoutes } from './api/pages.ts'
import { requestIds } from './api/request-id.ts'
import { type BodyOf, speechRoutes } from './api/speech.ts'
import { statusRoutes } from './api/status.ts'
import { voiceRoutes } from './api/voices.ts'
import type { Config } from './config.ts'
import { ring } from './pcm/ring.ts'
import type { Services } from './services.ts'

export interface AppOptions {
  /** Makes the bodies of audio, as the server likes them best. @default ring */
  readonly bodyOf?: BodyOf
}

/** Builds the whole HTTP surface; reads top to bottom like its documentation. */
export function createApp(services: Services, config: Config, { bodyOf = ring }: AppOptions = {}): Hono {
  const { router, voices, tenants, metrics, speak } = services
  const models = config.hosts.flatMap((host) => ('model' in host ? [host.model] : []))
  const app = new Hono()
  return app
    .use(requestIds)
    .route('/v1', speechRoutes({ speak, voices, tenants, metrics, bodyOf, maxChars: config.text.maxChars }))
    .route('/v1', voiceRoutes({ voices, models }))
    .route('/', statusRoutes(router))
    .route('/', metricsRoutes(metrics))
    .route('/', pageRoutes())
    .notFound((c) => noRoute(c, app.routes))
    .onError((thrown) => openAiErrorResponse(thrown))
}
