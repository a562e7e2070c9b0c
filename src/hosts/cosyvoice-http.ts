import { readFile as readFromDisk } from 'node:fs/promises'
import { SpeechError } from '../errors.ts'
import { setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Host } from '../speech.ts'
import { cosyvoiceCall, cosyvoiceRate } from './cosyvoice/habits.ts'
import { cosyvoicePrompts, type ReadFile } from './cosyvoice/prompts.ts'
import { CosyvoiceReply } from './cosyvoice/reply.ts'
import { type CosyvoiceRequestDeps, cosyvoiceRequest } from './cosyvoice/request.ts'
import type { CosyvoiceHttpConfig } from './cosyvoice-http-config.ts'
import { Leaving } from './remote/leaving.ts'

/** `fetch` and `setTimer` are the platform's unless given. */
export interface CosyvoiceHttpDeps extends Partial<CosyvoiceRequestDeps> {
  /** @default node:fs/promises' readFile */
  readonly readFile?: ReadFile
}

/**
 * Speaks through CosyVoice's own FastAPI server. `ready` resolves once the voices' recordings are read, and rejects
 * naming host, voice and file when one cannot be used.
 */
export function cosyvoiceHttp(config: CosyvoiceHttpConfig, deps: CosyvoiceHttpDeps = {}): Host {
  const { fetch = globalThis.fetch, readFile = readFromDisk, setTimer = setRealTimer } = deps
  const { id, kind, slots, fallback, model, onAbandon, timeouts } = config
  const rate = config.sampleRate ?? cosyvoiceRate(model)
  const voices = new Map(config.voices.map((voice) => [voice.id, voice]))
  const prompts = cosyvoicePrompts(config, readFile)
  const ready = Promise.all(prompts.values()).then(() => {})
  ready.catch(() => {}) // for whoever asks
  const request = cosyvoiceRequest(config, { ...deps, fetch, setTimer })
  const closed = new AbortController()
  return {
    id,
    kind,
    slots,
    fallback,
    ready,
    voices: config.voices.map((voice) => ({ id: voice.id, languages: voice.languages ?? config.languages })),
    has: (voice) => voices.has(voice),
    async synthesize(clause, { signal }) {
      const voice = voices.get(clause.voice)
      if (!voice) throw unknownVoice(clause.voice, id)
      const call = cosyvoiceCall(clause, { voice, model })
      const recording = call.prompt ? await prompts.get(voice.id) : undefined
      signal.throwIfAborted()
      const whom = { host: id, voice: voice.id }
      const leaving = new Leaving({ signal, closed: closed.signal, onAbandon, setTimer, ...timeouts })
      try {
        const body = await request(call, { recording, whom, leaving })
        return { rate, speed: 1, ...(await new CosyvoiceReply(body, { whom, leaving }).audio()) }
      } catch (thrown) {
        leaving[Symbol.dispose]()
        leaving.throwIfLeft()
        throw thrown
      }
    },
    async [Symbol.asyncDispose]() {
      closed.abort(new SpeechError(`Host "${id}" is shut down`, { code: 'unavailable', source: 'proxy' }))
    },
  }
}

const unknownVoice = (voice: string, host: string) =>
  new SpeechError(`Host "${host}" has no voice "${voice}"`, {
    code: 'not-found',
    source: 'client',
    field: 'voice',
  })
