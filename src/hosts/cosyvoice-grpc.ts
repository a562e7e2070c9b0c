import { readFile as readFromDisk } from 'node:fs/promises'
import { SpeechError } from '../errors.ts'
import { setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Bytes, Clause, Host, Pcm } from '../speech.ts'
import type { CosyvoiceVoice } from './cosyvoice/config.ts'
import { cosyvoiceCall, cosyvoiceRate } from './cosyvoice/habits.ts'
import { type ReadFile, readPrompt } from './cosyvoice/prompts.ts'
import { CosyvoiceReply } from './cosyvoice/reply.ts'
import { Connection } from './cosyvoice-grpc/connection.ts'
import type { GrpcCall } from './cosyvoice-grpc/dialects.ts'
import { type GrpcRequestDeps, grpcRequest } from './cosyvoice-grpc/grpc-request.ts'
import { Pace, type Work } from './cosyvoice-grpc/pace.ts'
import { isOnePiece, untilFree } from './cosyvoice-grpc/place.ts'
import { promptAudio } from './cosyvoice-grpc/prompt-audio.ts'
import { type CosyvoiceGrpcConfig, isRegistered } from './cosyvoice-grpc-config.ts'
import { Leaving } from './remote/leaving.ts'

/** The fork is rid of a cancelled call once its event loop has come by. */
const FORK_STOP_MS = 100

/** The platform's unless given. */
export interface CosyvoiceGrpcDeps extends Partial<Omit<GrpcRequestDeps, 'connection'>> {
  /** @default node:fs/promises' readFile */
  readonly readFile?: ReadFile
}

/**
 * Speaks through CosyVoice's own gRPC server, or that of the fork `async_cosyvoice`. `ready` resolves once the voices'
 * recordings are read, and rejects naming host, voice and file when one cannot be used.
 */
export function cosyvoiceGrpc(config: CosyvoiceGrpcConfig, deps: CosyvoiceGrpcDeps = {}): Host {
  const { readFile = readFromDisk, setTimer = setRealTimer, now = () => performance.now(), ...rest } = deps
  const { id, kind, slots, fallback, dialect, model, onAbandon, timeouts } = config
  const rate = config.sampleRate ?? cosyvoiceRate(model)
  const voices = new Map(config.voices.map((voice) => [voice.id, voice]))
  const prompts = promptsOf(config, readFile)
  const ready = Promise.all(prompts.values()).then(() => {})
  ready.catch(() => {}) // for whoever asks
  const connection = new Connection(config.url, { ...config, connectMs: timeouts.connectMs })
  const request = grpcRequest(config, { ...rest, now, setTimer, connection })
  const pace = new Pace({ now })
  const closed = new AbortController()

  const callOf = async (clause: Clause, voice: CosyvoiceVoice): Promise<GrpcCall> => {
    const call = cosyvoiceCall(obeyable(clause, config), { voice, model })
    const recording = call.prompt ? await prompts.get(voice.id) : undefined
    return {
      ...call,
      promptAudio: recording ?? new Uint8Array(0),
      registered: isRegistered(voice) ? voice.spkId : undefined,
    }
  }

  /** How long a cancelled call keeps its slot, in milliseconds; `undefined` where cancelling would spare nothing. */
  const lastingOf = ({ fields }: GrpcCall, work: Work): (() => number) | undefined => {
    if (onAbandon === 'drain') return undefined
    if (dialect === 'async-cosyvoice') return () => (work.over ? 0 : FORK_STOP_MS)
    const { longest } = pace
    if (longest === undefined || isOnePiece(fields.tts_text ?? '')) return undefined
    return () => Math.min(work.left(longest), timeouts.drainMs)
  }

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
      const call = await callOf(clause, voice)
      signal.throwIfAborted()
      const whom = { host: id, voice: voice.id, spkId: call.registered ?? call.fields.spk_id }
      const work = pace.begin()
      const ms = lastingOf(call, work)
      const leaving = new Leaving({
        signal,
        closed: closed.signal,
        onAbandon: ms ? 'abort' : 'drain',
        setTimer,
        ...timeouts,
      })
      const free = async () => {
        if (ms) await untilFree({ leaving, ms, closed: closed.signal, setTimer })
      }
      try {
        const body = await request(call, { whom, leaving, work })
        const audio = await new CosyvoiceReply(body, { whom, leaving }).audio()
        return { rate, speed: 1, ...held(audio, free) }
      } catch (thrown) {
        leaving[Symbol.dispose]()
        await free()
        leaving.throwIfLeft()
        throw thrown
      }
    },
    async [Symbol.asyncDispose]() {
      closed.abort(new SpeechError(`Host "${id}" is shut down`, { code: 'unavailable', source: 'proxy' }))
      connection.close()
    },
  }
}

/** Upstream's server has no call by which versions 2 and 3 would follow instructions: they go without. */
function obeyable(clause: Clause, { dialect, model }: CosyvoiceGrpcConfig): Clause {
  const deaf = dialect === 'upstream' && (model === 'cosyvoice2' || model === 'cosyvoice3')
  return deaf ? { ...clause, instructions: undefined } : clause
}

type Audio = Pick<Pcm, 'read' | 'cancel'>

/** Settles what ends early only once the host is free. */
const held = (audio: Audio, free: () => Promise<void>): Audio => ({
  async read() {
    try {
      return await audio.read()
    } catch (thrown) {
      await free()
      throw thrown
    }
  },
  async cancel(reason) {
    await audio.cancel(reason)
    await free()
  },
})

/** The voices' recordings as they are sent, each read once, by voice. */
function promptsOf(
  { id, dialect, voices }: CosyvoiceGrpcConfig,
  readFile: ReadFile,
): ReadonlyMap<string, Promise<Bytes>> {
  const read = async (voice: CosyvoiceVoice) => {
    const file = await readPrompt(voice, { id, readFile })
    return promptAudio(new Uint8Array(await file.arrayBuffer()), dialect)
  }
  return new Map(voices.flatMap((voice) => (voice.promptWav ? [[voice.id, read(voice)]] : [])))
}

const unknownVoice = (voice: string, host: string) =>
  new SpeechError(`Host "${host}" has no voice "${voice}"`, {
    code: 'not-found',
    source: 'client',
    field: 'voice',
  })
