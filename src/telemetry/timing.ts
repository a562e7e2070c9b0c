import type { CallEvent } from '../speech.ts'
import { clock } from './clock.ts'
import { type Entry, serverTiming } from './server-timing.ts'

export interface TimingOptions {
  /** When the request came, in milliseconds of `now`. @default now */
  readonly arrivedAt?: number | undefined
  /** @default performance.now */
  readonly now?: (() => number) | undefined
}

/** Work of sotto's own on a reply. */
export type TimedStage = 'body' | 'encode'

/** What one reply took, in milliseconds, as the last event of a stream tells it; what did not happen is absent. */
export interface TimingSummary {
  readonly queue_ms?: number
  readonly host?: string
  readonly host_first_audio_ms?: number
  readonly host_ms?: number
  readonly body_ms?: number
  readonly encode_ms?: number
  readonly retries?: number
  readonly hedges?: number
  readonly joined?: true
  readonly degraded?: true
  readonly first_audio_ms?: number
  readonly total_ms: number
}

/** Where the time of one reply goes: until the first audio, so of its first clause; then what is known at the end. */
export class Timing {
  readonly #now: () => number
  readonly #arrivedAt: number
  readonly #stages: { [stage in TimedStage]?: number } = {}
  #queueMs: number | undefined
  #host: string | undefined
  #hostFirstAudioMs: number | undefined
  #hostMs: number | undefined
  #retries = 0
  #hedges = 0
  #joined = false
  #degraded = false
  #firstAudioMs: number | undefined

  constructor({ now = clock, arrivedAt = now() }: TimingOptions = {}) {
    this.#now = now
    this.#arrivedAt = arrivedAt
  }

  /** Takes what becomes of the reply's first clause; may be handed on without its owner. */
  readonly tell = (event: CallEvent): void => {
    switch (event.type) {
      case 'queued':
        this.#queueMs = (this.#queueMs ?? 0) + event.ms
        break
      case 'first-audio':
        if (this.#host !== undefined) break // the slower one of a hedge
        this.#host = event.host
        this.#hostFirstAudioMs = event.ms
        break
      case 'said':
        if (event.host === this.#host) this.#hostMs = event.ms
        break
      case 'failed':
        if (event.host === this.#host) this.#host = this.#hostFirstAudioMs = undefined
        break
      case 'retried':
        this.#retries++
        break
      case 'hedged':
        this.#hedges++
        break
      case 'joined':
        this.#joined = true
        break
      case 'degraded':
        this.#degraded = true
        break
    }
  }

  /** Adds time that a stage of ours took. */
  stage(name: TimedStage, ms: number): void {
    this.#stages[name] = (this.#stages[name] ?? 0) + ms
  }

  /** The first byte of audio is there; only the first call counts. */
  firstAudio(): void {
    this.#firstAudioMs ??= this.#now() - this.#arrivedAt
  }

  /** What is known now as the value of a `Server-Timing` header. */
  header(): string {
    const entries: Entry[] = Object.entries(this.#stages).map(([name, ms]) => ({ name, ms }))
    if (this.#queueMs !== undefined) entries.push({ name: 'queue', ms: this.#queueMs })
    if (this.#host !== undefined) {
      entries.push({ name: 'host', ms: this.#hostFirstAudioMs, description: this.#host })
    }
    if (this.#retries > 0) entries.push({ name: 'retries', description: `${this.#retries}` })
    if (this.#hedges > 0) entries.push({ name: 'hedges', description: `${this.#hedges}` })
    if (this.#joined) entries.push({ name: 'joined' })
    if (this.#degraded) entries.push({ name: 'degraded' })
    entries.push({ name: 'total', ms: this.#now() - this.#arrivedAt })
    return serverTiming(entries)
  }

  /** What is known now, for the last event of a stream. */
  summary(): TimingSummary {
    const timed = {
      queue_ms: this.#queueMs,
      host_first_audio_ms: this.#hostFirstAudioMs,
      host_ms: this.#hostMs,
      body_ms: this.#stages.body,
      encode_ms: this.#stages.encode,
      first_audio_ms: this.#firstAudioMs,
    }
    return {
      ...Object.fromEntries(
        Object.entries(timed).flatMap(([name, ms]) => (ms === undefined ? [] : [[name, tenth(ms)]])),
      ),
      ...(this.#host !== undefined && { host: this.#host }),
      ...(this.#retries > 0 && { retries: this.#retries }),
      ...(this.#hedges > 0 && { hedges: this.#hedges }),
      ...(this.#joined && { joined: true }),
      ...(this.#degraded && { degraded: true }),
      total_ms: tenth(this.#now() - this.#arrivedAt),
    }
  }
}

const tenth = (ms: number): number => Math.round(Math.max(0, ms) * 10) / 10
