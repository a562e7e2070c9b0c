import { readFile as readFromDisk } from 'node:fs/promises'
import { moreOf } from '../pcm/supply.ts'
import { setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Bytes, Clause, Host, Pcm, Samples, Waiter } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'
import type { CosyvoiceVoice } from './cosyvoice/config.ts'
import { cosyvoiceAudio } from './cosyvoice/cosyvoice-audio.ts'
import { cosyvoiceCall, cosyvoiceRate, obeys } from './cosyvoice/habits.ts'
import { cosyvoicePrompts, type ReadFile } from './cosyvoice/prompts.ts'
import { Connection } from './cosyvoice-grpc/connection.ts'
import type { GrpcCall } from './cosyvoice-grpc/dialects.ts'
import { type GrpcRequestDeps, grpcRequest } from './cosyvoice-grpc/grpc-request.ts'
import { Pace, type Work } from './cosyvoice-grpc/pace.ts'
import { isOnePiece, untilFree } from './cosyvoice-grpc/place.ts'
import { promptAudio } from './cosyvoice-grpc/prompt-audio.ts'
import { type CosyvoiceGrpcConfig, isRegistered } from './cosyvoice-grpc-config.ts'
import { concealing, secretsIn } from './remote/conceal.ts'
import { oneCall } from './remote/one-call.ts'
import { remoteHost } from './remote/remote-host.ts'
import { replyAudio } from './remote/reply-audio.ts'

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
  const { readFile = readFromDisk, setTimer = setRealTimer, now = clock, ...rest } = deps
  const { id, dialect, model, onAbandon, timeouts } = config
  const rate = config.sampleRate ?? cosyvoiceRate(model)
  const { host, voiceOf, closed } = remoteHost(config)
  const encode = (wav: Bytes) => promptAudio(wav, dialect)
  const prompts = cosyvoicePrompts(config.voices, { id, readFile, encode })
  const connection = new Connection(config.url, { ...config, connectMs: timeouts.connectMs })
  const request = grpcRequest(config, { ...rest, now, setTimer, connection })
  const pace = new Pace({ now })
  const secrets = secretsIn(config.headers)

  const callOf = async (clause: Clause, voice: CosyvoiceVoice): Promise<GrpcCall> => {
    const call = cosyvoiceCall(obeyable(clause, config), { voice, model })
    const recording = call.prompt ? await prompts.of(voice) : undefined
    return {
      ...call,
      promptAudio: recording ?? new Uint8Array(0),
      registered: isRegistered(voice) ? voice.spkId : undefined,
    }
  }

  /** What to do when its caller leaves: cancelling must be worth it, and the time for which it keeps the slot known. */
  const abandoning = ({ fields }: GrpcCall): 'abort' | 'drain' => {
    if (onAbandon === 'drain' || dialect === 'async-cosyvoice') return onAbandon
    return pace.longest === undefined || isOnePiece(fields.tts_text ?? '') ? 'drain' : 'abort'
  }

  /** How long a cancelled call still keeps its slot, in milliseconds, as far as is known. */
  const lastsMs = (work: Work): number => {
    if (dialect === 'async-cosyvoice') return work.over ? 0 : FORK_STOP_MS
    return Math.min(work.left(pace.longest ?? 0), timeouts.drainMs)
  }

  return {
    ...host,
    ready: prompts.ready,
    obeys: (voice) => !isDeaf(config) && obeys({ voice: voiceOf(voice), model }),
    async synthesize(clause, { signal }) {
      const voice = voiceOf(clause.voice)
      const call = await callOf(clause, voice)
      const whom = { host: id, voice: voice.id, spkId: call.registered ?? call.fields.spk_id }
      const work = pace.begin()
      const onAbandon = abandoning(call)
      return oneCall(
        async (leaving) => {
          const free = async () => {
            await untilFree({ leaving, onAbandon, ms: () => lastsMs(work), closed, setTimer })
          }
          const said = async () => {
            const conceal = concealing([...secrets, clause.spoken, clause.text])
            const body = await request(call, { whom, leaving, work, conceal })
            const decoder = () => cosyvoiceAudio(rate)
            return replyAudio(body, { decoder, speed: 1, whom, leaving, setTimer })
          }
          return new Held(await orFree(said, free), free)
        },
        { onAbandon, timeouts, signal, closed, setTimer },
      )
    },
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]()
      connection.close()
    },
  }
}

/** Upstream's server has no call by which versions 2 and 3 would follow instructions: they go without. */
const isDeaf = ({ dialect, model }: CosyvoiceGrpcConfig): boolean =>
  dialect === 'upstream' && (model === 'cosyvoice2' || model === 'cosyvoice3')

const obeyable = (clause: Clause, config: CosyvoiceGrpcConfig): Clause =>
  isDeaf(config) ? { ...clause, instructions: undefined } : clause

/** Settles what ends early only once the host is free. */
class Held implements Pcm {
  readonly rate: number
  readonly speed: number
  readonly #audio: Pcm
  readonly #free: () => Promise<void>
  #next: Samples | undefined
  #failure: { readonly reason: unknown } | undefined

  constructor(audio: Pcm, free: () => Promise<void>) {
    this.rate = audio.rate
    this.speed = audio.speed
    this.#audio = audio
    this.#free = free
  }

  get isOver(): boolean {
    return this.#next === undefined && this.#audio.isOver
  }

  take(): Samples | undefined {
    if (this.#failure) throw this.#failure.reason
    const next = this.#next
    this.#next = undefined
    return next
  }

  wait(waiter: Waiter): void {
    this.#more().then(() => waiter.wake())
  }

  async cancel(reason?: unknown): Promise<void> {
    await this.#audio.cancel(reason)
    await this.#free()
  }

  async #more(): Promise<void> {
    if (this.#next || this.#failure) return
    await moreOf(this.#audio)
    try {
      this.#next = this.#audio.take()
    } catch (reason) {
      await this.#free()
      this.#failure = { reason }
    }
  }
}

async function orFree<T>(work: () => Promise<T>, free: () => Promise<void>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    await free()
    throw thrown
  }
}
