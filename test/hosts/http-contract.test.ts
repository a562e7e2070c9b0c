import { batch } from '../../src/hosts/batch.ts'
import { batchConfig } from '../../src/hosts/batch-config.ts'
import { openai } from '../../src/hosts/openai.ts'
import { openaiConfig } from '../../src/hosts/openai-config.ts'
import { type BatchBehaviour, startBatchServer } from '../fakes/batch-server.ts'
import { type Flavour, startOpenaiServer } from '../fakes/openai-server.ts'
import { hostContract, type Subject } from './contract.ts'

/** Hosts before servers that take their time, so that there is a before and a middle to leave in. */
async function openaiSubject(flavour: Flavour, settings: object = {}): Promise<Subject> {
  const server = await startOpenaiServer({ flavour, firstByteMs: 5, rtf: 0.002 })
  const config = {
    id: 'fake',
    kind: 'openai',
    url: server.url,
    model: 'tts',
    voices: [{ id: 'v' }],
    ...settings,
  }
  const host = openai(openaiConfig.parse(config))
  const close = async () => {
    await host[Symbol.asyncDispose]()
    await server.close()
  }
  return { host, voice: 'v', [Symbol.asyncDispose]: close }
}

async function batchSubject(behaviour: BatchBehaviour, onAbandon: 'drain' | 'abort'): Promise<Subject> {
  const server = await startBatchServer({ fixedMs: 10, perTextMs: 1, ...behaviour })
  const url = `${server.url}/batch`
  const config = { id: 'fake', kind: 'batch', url, voices: [{ id: 'v' }], onAbandon }
  const host = batch(batchConfig.parse(config))
  const close = async () => {
    await host[Symbol.asyncDispose]()
    await server.close()
  }
  return { host, voice: 'v', [Symbol.asyncDispose]: close }
}

hostContract('openai (vllm-omni, pcm)', () => openaiSubject('vllm-omni'))
hostContract('openai (Kokoro, wav, drain)', () =>
  openaiSubject('kokoro', { format: 'wav', onAbandon: 'drain' }),
)
hostContract('openai (vllm-omni, events)', () => openaiSubject('vllm-omni', { stream: 'sse' }))
hostContract('openai (sglang-omni, events, drain)', () =>
  openaiSubject('sglang-omni', { stream: 'sse', onAbandon: 'drain' }),
)
hostContract('batch (JSON, abort)', () => batchSubject({ shape: 'objects' }, 'abort'))
hostContract('batch (parts, drain)', () => batchSubject({ shape: 'multipart' }, 'drain'))
