import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import { body } from '../../src/pcm/body.ts'
import { listen } from '../../src/run/listen.ts'
import { createServices, type Services, type ServicesOptions } from '../../src/services.ts'
import type { Host } from '../../src/speech.ts'
import { freePort } from './port.ts'

export interface Sotto extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly services: Services
  /** Asks for speech as an OpenAI client would. */
  readonly post: (body: object, init?: RequestInit) => Promise<Response>
}

/** A real sotto in this process on a real socket; `hosts` stand in for the configured ones where given. */
export async function startSotto(
  config: object,
  hosts?: readonly Host[],
  options: Pick<ServicesOptions, 'lookup' | 'setTimer' | 'watch'> = {},
): Promise<Sotto> {
  const parsed = parseConfig(config)
  const services = createServices(parsed, { hosts, ...options })
  const app = createApp(services, parsed, { bodyOf: body })
  const listener = await listen(app.fetch, { port: await freePort(), hostname: '127.0.0.1' })
  return {
    url: listener.url,
    port: listener.port,
    services,
    post: (body, init) =>
      fetch(`${listener.url}/v1/audio/speech`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'tts-1', voice: 'alloy', response_format: 'pcm', ...body }),
        ...init,
      }),
    async [Symbol.asyncDispose]() {
      await listener.stop()
      await services[Symbol.asyncDispose]()
    },
  }
}
