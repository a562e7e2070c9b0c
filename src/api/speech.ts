import { type Context, Hono } from 'hono'
import type { Tenants } from '../dispatch/tenants.ts'
import type { Voices } from '../dispatch/voices.ts'
import { FORMATS } from '../pcm/encode.ts'
import type { PumpOptions, PumpSource } from '../pcm/pump.ts'
import type { Speech } from '../speech.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { outcomeOf } from '../telemetry/outcome.ts'
import type { RequestMeter } from '../telemetry/request-meter.ts'
import { readJson } from './body.ts'
import { openAiErrorResponse } from './openai-error.ts'
import { requestIdOf } from './request-id.ts'
import { characters, speechBody, speechOf } from './speech-body.ts'
import { sse } from './sse.ts'

export interface SpeechRoutes {
  /** Speaks; resolves at the first audio. */
  readonly speak: (
    speech: Speech,
    options: { signal: AbortSignal; meter: RequestMeter },
  ) => Promise<SpeechReply>
  readonly voices: Pick<Voices, 'resolve'>
  readonly tenants: Pick<Tenants, 'terms'>
  readonly metrics: Pick<Metrics, 'request'>
  /** Gives a reply's body. */
  readonly bodyOf: BodyOf
  /** Most characters of a text. */
  readonly maxChars: number
}

/** Makes a body of bytes, of which at most `capacity` wait for the listener. */
export type BodyOf = (source: PumpSource, options: PumpOptions) => ReadableStream<Uint8Array<ArrayBuffer>>

interface SpeechReply {
  readonly audio: PumpSource
  /** Most bytes that are to wait for the listener. */
  readonly capacity: number
  readonly seconds: number
  /** The host that stands in for those that could not speak. */
  readonly degradedTo?: string | undefined
}

const ROUTE = '/v1/audio/speech'

/** `POST /audio/speech` as OpenAI defined it, streamed as audio or as server-sent events. */
export function speechRoutes({ metrics, maxChars, ...rest }: SpeechRoutes): Hono {
  const schema = speechBody(maxChars)
  return new Hono().post('/audio/speech', async (c) => {
    const meter = metrics.request({ route: ROUTE })
    try {
      return await answer(c, { ...rest, schema, meter })
    } catch (thrown) {
      meter.end(outcomeOf(thrown))
      const response = openAiErrorResponse(thrown)
      response.headers.set('server-timing', meter.timing.header())
      return response
    }
  })
}

interface Answering extends Pick<SpeechRoutes, 'speak' | 'voices' | 'tenants' | 'bodyOf'> {
  readonly schema: ReturnType<typeof speechBody>
  readonly meter: RequestMeter
}

async function answer(
  c: Context,
  { speak, voices, tenants, bodyOf, schema, meter }: Answering,
): Promise<Response> {
  const arrivedAt = performance.now()
  const body = await readJson(c.req.raw, schema)
  meter.speaks(body.response_format)
  const terms = tenants.terms(c.req.header('x-sotto-tenant'))
  const speech = speechOf(body, { id: requestIdOf(c), voices, terms, arrivedAt })
  const reply = await speak(speech, { signal: c.req.raw.signal, meter })
  const headers = {
    'x-request-id': speech.id,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no', // nginx would keep what is streamed until it has a page of it
    'server-timing': meter.timing.header(),
    ...(reply.degradedTo !== undefined && { 'x-sotto-degraded': encodeURIComponent(reply.degradedTo) }),
  }
  if (body.stream_format === 'audio') {
    const type = FORMATS[speech.format].contentType(speech.sampleRate)
    return new Response(bodyOf(reply.audio, reply), { headers: { ...headers, 'content-type': type } })
  }
  const events = sse(reply.audio, () => ({
    usage: usage(characters(body.input), reply.seconds),
    timing: meter.timing.summary(),
    ...(reply.degradedTo !== undefined && { degraded: reply.degradedTo }),
  }))
  const capacity = EVENT_PER_AUDIO * reply.capacity
  return new Response(bodyOf(events, { capacity }), {
    headers: { ...headers, 'content-type': 'text/event-stream' },
  })
}

/** Base64 takes a third more than its bytes, and each event has some words: with twice the room none of the usual length is cut. */
const EVENT_PER_AUDIO = 2

/** A CosyVoice 2 or 3 speech token is 1/25 s of audio (PROTOCOLS 1). */
const TOKENS_PER_SECOND = 25

/** Usage in OpenAI's shape: a character in is a token, and so is each 40 ms of audio out. */
function usage(input: number, seconds: number) {
  const output = Math.ceil(seconds * TOKENS_PER_SECOND)
  return { input_tokens: input, output_tokens: output, total_tokens: input + output }
}
