import { SpeechError } from '../errors.ts'
import type { Samples } from '../speech.ts'

/**
 * Waits for the first audio, then gives the stream back whole. Rejects as the stream does, or with a
 * retryable `upstream` error when it ends without a sample.
 */
export async function prime(stream: ReadableStream<Samples>): Promise<ReadableStream<Samples>> {
  const reader = stream.getReader()
  let first = await reader.read()
  while (!first.done && first.value.length === 0) first = await reader.read()
  if (first.done) {
    throw new SpeechError('Host sent no audio', { code: 'upstream', source: 'host', retryable: true })
  }
  const { value } = first
  return new ReadableStream(
    {
      start: (controller) => controller.enqueue(value),
      async pull(controller) {
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
