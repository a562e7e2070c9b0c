import { readFile as readNodeFile } from 'node:fs/promises'
import { SpeechError } from '../errors.ts'
import type { Bytes, Clause, Host, Pcm } from '../speech.ts'
import type { CosyvoiceHttpConfig, CosyvoiceVoice } from './config.ts'
import { isClosed, notAudio, refusal, unreachable, type Whom } from './cosyvoice-failure.ts'
import { type CosyvoiceCall, cosyvoiceCall, cosyvoiceRate } from './cosyvoice-habits.ts'
import { CosyvoiceReply } from './cosyvoice-reply.ts'
import { Leaving } from './leaving.ts'
import { promptWav } from './prompt-wav.ts'

export interface CosyvoiceHttpDeps {
  /** @default globalThis.fetch */
  readonly fetch?: (url: URL, init: RequestInit) => Promise<Response>
  /** @default node:fs/promises' readFile */
  readonly readFile?: (path: string) => Promise<Bytes>
  /** Rings once after `ms`, unless what it gives is called first. @default setTimeout */
  readonly setTimer?: (ms: number, ring: () => void) => () => void
}

/**
 * Speaks through CosyVoice's own FastAPI server. `ready` resolves when the voices' recordings are read, and rejects
 * naming host, voice and file when one cannot be used.
 */
export function cosyvoiceHttp(config: CosyvoiceHttpConfig, deps: CosyvoiceHttpDeps = {}): Host {
  const { fetch = globalThis.fetch, readFile = readNodeFile, setTimer = timeout } = deps
  const { id, kind, slots, fallback, model, onAbandon, timeouts } = config
  const rate = config.sampleRate ?? cosyvoiceRate(model)
  const closed = new AbortController()
  const voices = new Map(config.voices.map((voice) => [voice.id, voice]))
  const prompts = new Map(config.voices.map((voice) => [voice.id, readPrompt(voice, { host: id, readFile })]))
  const ready = Promise.all(prompts.values()).then(() => {})
  ready.catch(() => {}) // for whoever waits for it

  const send = async (call: CosyvoiceCall, { whom, end }: { whom: Whom; end: AbortSignal }) => {
    const url = new URL(call.route, config.url.replace(/\/*$/, '/'))
    const body = form(call, await prompts.get(whom.voice))
    const post = () => fetch(url, { method: 'POST', headers: config.headers, body, signal: end })
    // A connection kept from an earlier call may be closed by the host just as it is used again.
    const response = await post().catch((thrown) =>
      !end.aborted && isClosed(thrown) ? post() : Promise.reject(thrown),
    )
    if (!response.ok) throw await refusal(whom, response)
    const type = response.headers.get('content-type') ?? ''
    if (!/^(text\/|application\/json)/.test(type)) return response.body ?? new ReadableStream()
    await response.body?.cancel()
    throw notAudio(whom, type)
  }

  const synthesize = async (clause: Clause, { signal }: { readonly signal: AbortSignal }): Promise<Pcm> => {
    signal.throwIfAborted()
    const voice = voices.get(clause.voice)
    if (!voice) throw unknownVoice(clause.voice, id)
    const whom = { host: id, voice: voice.id }
    const call = cosyvoiceCall(clause, { voice, model })
    const leaving = new Leaving({
      signal,
      closed: closed.signal,
      onAbandon,
      drainMs: timeouts.drainMs,
      setTimer,
    })
    try {
      const body = await send(call, { whom, end: leaving.end })
      return { rate, speed: 1, stream: await primed(new CosyvoiceReply(body, { whom, leaving }), leaving) }
    } catch (thrown) {
      leaving[Symbol.dispose]()
      leaving.throwIfLeft()
      throw thrown instanceof SpeechError ? thrown : unreachable(whom, thrown)
    }
  }

  return {
    id,
    kind,
    slots,
    fallback,
    ready,
    synthesize,
    voices: config.voices.map((voice) => ({ id: voice.id, languages: voice.languages ?? config.languages })),
    has: (voice) => voices.has(voice),
    async [Symbol.asyncDispose]() {
      closed.abort(new SpeechError(`Host "${id}" is shut down`, { code: 'unavailable', source: 'proxy' }))
    },
  }
}

/** Waits for the first audio; the stream's `cancel()` settles when the host is free. */
async function primed(reply: CosyvoiceReply, leaving: Leaving): Promise<Pcm['stream']> {
  const first = await reply.next()
  return new ReadableStream(
    {
      start: (controller) => (first ? controller.enqueue(first) : controller.close()),
      async pull(controller) {
        const samples = await reply.next()
        if (leaving.left) return
        if (samples) controller.enqueue(samples)
        else controller.close()
      },
      cancel(reason) {
        leaving.leave(reason)
        return reply.drain()
      },
    },
    { highWaterMark: 0 },
  )
}

interface ReadPromptOptions {
  readonly host: string
  readonly readFile: (path: string) => Promise<Bytes>
}

async function readPrompt(
  voice: CosyvoiceVoice,
  { host, readFile }: ReadPromptOptions,
): Promise<File | undefined> {
  const path = voice.promptWav
  if (path === undefined) return undefined
  try {
    return new File([promptWav(await readFile(path))], 'prompt.wav', { type: 'audio/wav' })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SpeechError(`Host "${host}" cannot use promptWav ${path} of voice "${voice.id}": ${why}`, {
      code: 'unavailable',
      source: 'proxy',
      cause,
    })
  }
}

function form({ fields, prompt }: CosyvoiceCall, recording: File | undefined): FormData {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  if (prompt && recording) body.set('prompt_wav', recording)
  return body
}

const unknownVoice = (voice: string, host: string) =>
  new SpeechError(`Host "${host}" has no voice "${voice}"`, {
    code: 'not-found',
    source: 'client',
    field: 'voice',
  })

function timeout(ms: number, ring: () => void): () => void {
  const timer = setTimeout(ring, ms)
  return () => clearTimeout(timer)
}
