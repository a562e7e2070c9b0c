import { batch } from '../../src/hosts/batch.ts'
import { hostConfig } from '../../src/hosts/config.ts'
import { cosyvoiceGrpc } from '../../src/hosts/cosyvoice-grpc.ts'
import { cosyvoiceHttp } from '../../src/hosts/cosyvoice-http.ts'
import { embedded } from '../../src/hosts/embedded.ts'
import { openai } from '../../src/hosts/openai.ts'
import type { Host } from '../../src/speech.ts'
import { type BatchBehaviour, startBatchServer } from '../fakes/batch-server.ts'
import { type CosyvoiceGrpcServerOptions, startCosyvoiceGrpcServer } from '../fakes/cosyvoice-grpc-server.ts'
import { type CosyvoiceServerOptions, startCosyvoiceServer } from '../fakes/cosyvoice-server.ts'
import { type Flavour, startOpenaiServer } from '../fakes/openai-server.ts'
import { recordingOf } from '../fakes/recording.ts'
import { hostContract, type Subject } from './contract.ts'

interface Server {
  readonly url: string
  close(): Promise<void>
}

/** A host before a server that takes its time, so that there is a before and a middle to leave in. */
function subjectOf(settings: object, { url, close }: Server): Subject {
  const host = hostOf({ id: 'fake', url, voices: [{ id: 'v' }], ...settings })
  const dispose = async () => {
    await host[Symbol.asyncDispose]()
    await close()
  }
  return { host, voice: 'v', [Symbol.asyncDispose]: dispose }
}

function hostOf(settings: object): Host {
  const config = hostConfig.parse(settings)
  const readFile = async () => recordingOf()
  switch (config.kind) {
    case 'cosyvoice-http':
      return cosyvoiceHttp(config, { readFile })
    case 'cosyvoice-grpc':
      return cosyvoiceGrpc(config, { readFile })
    case 'openai':
      return openai(config)
    case 'batch':
      return batch(config)
    case 'embedded':
      return embedded(config)
  }
}

const PACE = { firstByteMs: 5, rtf: 0.002 }
const SFT = [{ id: 'v', mode: 'sft' }]
const CLONE = [
  { id: 'v', mode: 'zero_shot', promptWav: 'v.wav', promptText: 'This is how I sound, you see.' },
]

const cosyvoice = async (settings: object, options: CosyvoiceServerOptions) => {
  const server = await startCosyvoiceServer({ ...PACE, pieceChars: 20, voices: ['v'], ...options })
  return subjectOf({ kind: 'cosyvoice-http', model: options.model, ...settings }, server)
}

hostContract('cosyvoice-http (version 1, drain)', () =>
  cosyvoice({ voices: SFT, onAbandon: 'drain' }, { model: 'cosyvoice-300m-sft', chunkBytes: 4_097 }),
)
hostContract('cosyvoice-http (version 2, abort)', () =>
  cosyvoice({ voices: CLONE, onAbandon: 'abort' }, { model: 'cosyvoice2' }),
)
hostContract('cosyvoice-http (version 3, drain)', () =>
  cosyvoice({ voices: CLONE, onAbandon: 'drain' }, { model: 'cosyvoice3' }),
)

const grpc = async (settings: object, options: CosyvoiceGrpcServerOptions) => {
  const server = await startCosyvoiceGrpcServer({ ...PACE, pieceChars: 20, voices: ['v'], ...options })
  return subjectOf({ kind: 'cosyvoice-grpc', model: options.model, ...settings }, server)
}
const FORK = { dialect: 'async-cosyvoice', model: 'cosyvoice2' } as const

hostContract('cosyvoice-grpc (upstream, version 1, drain)', () =>
  grpc({ voices: SFT, onAbandon: 'drain' }, { model: 'cosyvoice-300m-sft', messageBytes: 4_097 }),
)
hostContract('cosyvoice-grpc (upstream, version 3, abort)', () =>
  grpc({ voices: CLONE, onAbandon: 'abort' }, { model: 'cosyvoice3' }),
)
hostContract('cosyvoice-grpc (async-cosyvoice, drain)', () =>
  grpc({ ...FORK, voices: [{ id: 'v', mode: 'cross_lingual', promptWav: 'v.wav' }] }, FORK),
)
hostContract('cosyvoice-grpc (async-cosyvoice, abort)', () =>
  grpc({ ...FORK, voices: [{ id: 'v', mode: 'zero_shot', spkId: 'v' }], onAbandon: 'abort' }, FORK),
)

const compatible = async (flavour: Flavour, settings: object = {}) =>
  subjectOf({ kind: 'openai', model: 'tts', ...settings }, await startOpenaiServer({ flavour, ...PACE }))

hostContract('openai (vllm-omni, pcm)', () => compatible('vllm-omni'))
hostContract('openai (Kokoro, wav, drain)', () => compatible('kokoro', { format: 'wav', onAbandon: 'drain' }))
hostContract('openai (vllm-omni, events)', () => compatible('vllm-omni', { stream: 'sse' }))
hostContract('openai (sglang-omni, events, drain)', () =>
  compatible('sglang-omni', { stream: 'sse', onAbandon: 'drain' }),
)

const batching = async (behaviour: BatchBehaviour, settings: object) => {
  const { url, close } = await startBatchServer({ fixedMs: 10, perTextMs: 1, ...behaviour })
  return subjectOf({ kind: 'batch', ...settings }, { url: `${url}/batch`, close })
}

const whole = { streams: false }
hostContract('batch (JSON, abort)', () => batching({ shape: 'objects' }, { onAbandon: 'abort' }), whole)
hostContract('batch (parts, drain)', () => batching({ shape: 'multipart' }, { onAbandon: 'drain' }), whole)

hostContract('embedded', async () => {
  const host = hostOf({ id: 'local', kind: 'embedded' })
  return { host, voice: 'en', [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() }
})
