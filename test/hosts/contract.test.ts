import { cosyvoiceHttp } from '../../src/hosts/cosyvoice-http.ts'
import { type CosyvoiceHttpConfig, cosyvoiceHttpConfig } from '../../src/hosts/cosyvoice-http-config.ts'
import { embedded } from '../../src/hosts/embedded.ts'
import {
  type CosyvoiceServerOptions,
  type FakeModel,
  startCosyvoiceServer,
} from '../fakes/cosyvoice-server.ts'
import { recordingOf } from '../fakes/recording.ts'
import { hostContract, type Subject } from './contract.ts'

type Voice = Omit<CosyvoiceHttpConfig['voices'][number], 'id'>

interface CosyvoiceSubject extends CosyvoiceServerOptions {
  readonly model: FakeModel
  readonly voice: Voice
  readonly onAbandon: 'drain' | 'abort'
}

/** A host before a server that takes its time, so that there is a before and a middle to leave in. */
async function cosyvoice({ model, voice, onAbandon, ...options }: CosyvoiceSubject): Promise<Subject> {
  const server = await startCosyvoiceServer({
    model,
    voices: ['v'],
    firstByteMs: 5,
    rtf: 0.002,
    pieceChars: 20,
    ...options,
  })
  const config = cosyvoiceHttpConfig.parse({
    id: 'fake',
    kind: 'cosyvoice-http',
    url: server.url,
    model,
    onAbandon,
    voices: [{ id: 'v', ...voice }],
  })
  const host = cosyvoiceHttp(config, { readFile: async () => recordingOf() })
  const close = async () => {
    await host[Symbol.asyncDispose]()
    await server.close()
  }
  return { host, voice: 'v', [Symbol.asyncDispose]: close }
}

const clone = { promptWav: 'v.wav', promptText: 'This is how I sound, you see.' }

hostContract('cosyvoice-http (version 1, drain)', () =>
  cosyvoice({ model: 'cosyvoice-300m-sft', voice: { mode: 'sft' }, onAbandon: 'drain', chunkBytes: 4_097 }),
)
hostContract('cosyvoice-http (version 2, abort)', () =>
  cosyvoice({ model: 'cosyvoice2', voice: { mode: 'zero_shot', ...clone }, onAbandon: 'abort' }),
)
hostContract('cosyvoice-http (version 3, drain)', () =>
  cosyvoice({ model: 'cosyvoice3', voice: { mode: 'zero_shot', ...clone }, onAbandon: 'drain' }),
)

hostContract('embedded', async () => {
  const host = embedded({ id: 'local', kind: 'embedded', fallback: false, slots: 4 })
  return { host, voice: 'en', [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() }
})
