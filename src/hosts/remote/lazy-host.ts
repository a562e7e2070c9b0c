import type { Host } from '../../speech.ts'
import { type RemoteHostConfig, type RemoteVoice, remoteHost } from './remote-host.ts'

/**
 * A host whose code is loaded only where one of its kind is configured, for a kind that brings large libraries. It is
 * ready when what `load` gives is.
 */
export function lazyHost(config: RemoteHostConfig<RemoteVoice>, load: () => Promise<Host>): Host {
  let known: Host | undefined
  const loaded = load().then((host) => {
    known = host
    return host
  })
  const ready = loaded.then((host) => host.ready)
  ready.catch(() => {}) // for whoever asks
  return {
    ...remoteHost(config).host,
    ready,
    obeys: (voice) => known?.obeys?.(voice) ?? true,
    synthesize: async (clause, options) => (await loaded).synthesize(clause, options),
    async [Symbol.asyncDispose]() {
      const host = await loaded.catch(() => undefined)
      await host?.[Symbol.asyncDispose]()
    },
  }
}
