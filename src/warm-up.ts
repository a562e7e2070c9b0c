import { setTimeout as sleep } from 'node:timers/promises'
import { createApp } from './app.ts'
import { parseConfig } from './config.ts'
import { pcmOf } from './hosts/audio/pcm-of.ts'
import { encoder } from './pcm/encode.ts'
import { createServices } from './services.ts'
import type { Host, Samples, Synthesize } from './speech.ts'

/** How long callers have the process to themselves before each step, the first answers above all. */
const REST_MS = 50

export interface WarmUpOptions {
  /** Ends it before the next step. */
  readonly signal: AbortSignal
  /** @default setTimeout */
  readonly rest?: (ms: number) => Promise<unknown>
}

/**
 * Speaks a made-up tone in mp3 through all of sotto but its hosts and its socket, then encodes a little Opus, so that
 * no caller's first request has to wait for code to be loaded. Rejects when that goes wrong.
 */
export async function warmUp({ signal, rest = sleep }: WarmUpOptions): Promise<void> {
  for (const step of [speakMp3, encodeOpus]) {
    await rest(REST_MS)
    if (signal.aborted) return
    await step()
  }
}

async function speakMp3(): Promise<void> {
  const defaults = parseConfig()
  await using services = createServices(defaults, { hosts: [TONE] })
  const body = JSON.stringify({ model: 'tone', voice: 'tone', input: TEXT, response_format: 'mp3' })
  const response = await createApp(services, defaults).request('/v1/audio/speech', { method: 'POST', body })
  const { byteLength } = await response.arrayBuffer()
  if (!response.ok || byteLength === 0) throw new Error(`Cannot warm up mp3: ${response.status}`)
}

/** One frame: within five the runtime compiles libopus once more, in 40 MB, whether Opus is ever asked for or not. */
async function encodeOpus(): Promise<void> {
  using opus = await encoder('opus', { rate: 24_000 })
  if (opus.push(tone({ rate: 24_000, seconds: 0.02 })).length === 0) throw new Error('Cannot warm up opus')
}

const TEXT = 'Hello there. 你好，世界。'

/** CosyVoice's and eSpeak's own rate, so that the filters from it to the reply's are made too. */
const RATE = 22_050
const PITCH_HZ = 220

const tone = ({ rate, seconds }: { readonly rate: number; readonly seconds: number }): Samples =>
  Int16Array.from({ length: rate * seconds }, (_, i) => 8_000 * Math.sin((2 * Math.PI * PITCH_HZ * i) / rate))

const synthesize: Synthesize = async () =>
  pcmOf({ rate: RATE, samples: tone({ rate: RATE, seconds: 0.5 }) }, { speed: 1, signals: [] })

const TONE: Host = {
  id: 'warm-up',
  kind: 'tone',
  voices: [{ id: 'tone', languages: [] }],
  has: (voice) => voice === 'tone',
  slots: 1,
  fallback: false,
  ready: Promise.resolve(),
  synthesize,
  async [Symbol.asyncDispose]() {},
}
