import { setTimeout as sleep } from 'node:timers/promises'
import { createApp } from './app.ts'
import { parseConfig } from './config.ts'
import { pcmOf } from './hosts/audio/pcm-of.ts'
import { createServices } from './services.ts'
import type { Format, Host, Synthesize } from './speech.ts'

/** The usual one first. Raw ones have nothing to load; libFLAC would take 20 MB, asked for or not. */
const FORMATS: readonly Format[] = ['mp3', 'opus']
/** How long callers have the process to themselves before each format. */
const REST_MS = 50

export interface WarmUpOptions {
  /** Ends it before the next format. */
  readonly signal: AbortSignal
  /** @default setTimeout */
  readonly rest?: (ms: number) => Promise<unknown>
}

/**
 * Speaks a made-up tone in the formats that are worth loading early, through all of sotto but its hosts and its
 * socket, so that no caller's first request has to wait for code to be compiled. Rejects when that goes wrong.
 */
export async function warmUp({ signal, rest = sleep }: WarmUpOptions): Promise<void> {
  const defaults = parseConfig()
  await using services = createServices(defaults, { hosts: [TONE] })
  const app = createApp(services, defaults)
  for (const format of FORMATS) {
    await rest(REST_MS)
    if (signal.aborted) return
    const body = JSON.stringify({ model: 'tone', voice: 'tone', input: TEXT, response_format: format })
    const response = await app.request('/v1/audio/speech', { method: 'POST', body })
    const { byteLength } = await response.arrayBuffer()
    if (!response.ok || byteLength === 0) throw new Error(`Cannot warm up ${format}: ${response.status}`)
  }
}

const TEXT = 'Hello there. 你好，世界。'

/** CosyVoice's and eSpeak's own rate, so that the filters from it to the reply's are made too. */
const RATE = 22_050
const PITCH_HZ = 220

const synthesize: Synthesize = async () => {
  const tone = Int16Array.from(
    { length: RATE / 2 },
    (_, i) => 8_000 * Math.sin((2 * Math.PI * PITCH_HZ * i) / RATE),
  )
  return pcmOf({ rate: RATE, samples: tone }, { speed: 1, signals: [] })
}

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
