import { SpeechError } from '../errors.ts'
import { setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Host } from '../speech.ts'
import { pcmOf } from './audio/pcm-of.ts'
import { batchCall } from './batch/call.ts'
import type { BatchConfig } from './batch-config.ts'
import type { PostDeps } from './http/post.ts'
import { remoteHost } from './remote/remote-host.ts'

/** Speaks through a server that takes many texts in one call and gives their audio together. */
export function batch(config: BatchConfig, deps: Partial<PostDeps> = {}): Host {
  const { fetch = globalThis.fetch, setTimer = setRealTimer } = deps
  const { maxBatch, maxBatchDelayMs, preferredBatchSizes } = config
  const { host, voiceOf, closed } = remoteHost(config)
  const call = batchCall(config, { ...deps, fetch, setTimer, voiceOf, closed })
  const speedOf = (clause: { readonly speed: number }) => (config.speed ? clause.speed : 1)
  return {
    ...host,
    batch: {
      max: maxBatch,
      preferred: preferredBatchSizes.filter((size) => size <= maxBatch),
      maxDelayMs: maxBatchDelayMs,
      async synthesize(clauses, { signal }) {
        const results = await call(clauses, signal)
        const speed = speedOf(clauses[0]!)
        return results.map((result) =>
          result instanceof SpeechError ? result : pcmOf(result, { speed, signals: [closed] }),
        )
      },
    },
    async synthesize(clause, { signal }) {
      const [result] = await call([clause], signal)
      if (result instanceof SpeechError) throw result
      return pcmOf(result!, { speed: speedOf(clause), signals: [signal, closed] })
    },
  }
}
