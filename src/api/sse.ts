import { Buffer } from 'node:buffer'
import type { Bytes } from '../speech.ts'
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
export function sse(audio: ReadableStream<Bytes>, last: () => SseLast): ReadableStream<Bytes> {
  const reader = audio.getReader()
  const encoder = new TextEncoder()
  const event = (data: object) => encoder.encode(`data: ${JSON.stringify(data)}\n\n`)
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) {
            const { buffer, byteOffset, byteLength } = value
            const audio = Buffer.from(buffer, byteOffset, byteLength).toString('base64')
            controller.enqueue(event({ type: 'speech.audio.delta', audio }))
            return
          }
          controller.enqueue(event({ type: 'speech.audio.done', ...last() }))
        } catch (thrown) {
          controller.enqueue(event({ type: 'speech.audio.error', error: openAiError(thrown) }))
        }
        controller.close()
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
