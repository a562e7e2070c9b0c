import { Buffer } from 'node:buffer'
import type { PumpSource } from '../pcm/pump.ts'
import type { Bytes, Waiter } from '../speech.ts'
import type { TimingSummary } from '../telemetry/timing.ts'
import { openAiError } from './openai-error.ts'

export interface SseUsage {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly total_tokens: number
}

/** What the last event tells. */
export interface SseLast {
  readonly usage: SseUsage
  readonly timing?: TimingSummary
  /** The host that stood in for those that could not speak. */
  readonly degraded?: string
}

/**
 * Says audio as OpenAI's server-sent events: `speech.audio.delta` with base64, then `speech.audio.done`.
 * A failure becomes a `speech.audio.error` event instead of `done`, so that it never looks like an end.
 */
export const sse = (audio: PumpSource, last: () => SseLast): PumpSource => new SseEvents(audio, last)

const encoder = new TextEncoder()
const eventOf = (data: object): Bytes => encoder.encode(`data: ${JSON.stringify(data)}\n\n`)

class SseEvents implements PumpSource {
  isOver = false
  readonly #audio: PumpSource
  readonly #last: () => SseLast

  constructor(audio: PumpSource, last: () => SseLast) {
    this.#audio = audio
    this.#last = last
  }

  take(): Bytes | undefined {
    if (this.isOver) return undefined
    try {
      const bytes = this.#audio.take()
      if (bytes) return eventOf({ type: 'speech.audio.delta', audio: base64(bytes) })
      if (!this.#audio.isOver) return undefined
      this.isOver = true
      this.#audio.ended?.()
      return eventOf({ type: 'speech.audio.done', ...this.#last() })
    } catch (thrown) {
      this.isOver = true
      return eventOf({ type: 'speech.audio.error', error: openAiError(thrown) })
    }
  }

  wait(waiter: Waiter): void {
    this.#audio.wait(waiter)
  }

  left(reason: unknown): void {
    this.#audio.left?.(reason)
  }
}

const base64 = ({ buffer, byteOffset, byteLength }: Bytes): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')
