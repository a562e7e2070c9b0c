import * as z from 'zod'
import { apiKey, common, httpUrl, namedVoice, rawRate, refuseDoubles, remote } from './remote/config.ts'

/** Fields of the request that have their own setting or come from the clause. */
const TAKEN = ['model', 'input', 'voice', 'instructions', 'response_format', 'stream_format', 'speed', 'seed']

/** Any server with OpenAI's `/v1/audio/speech`: vllm-omni, Kokoro-FastAPI, cosyvoice.cpp, speaches, OpenAI itself. */
export const openaiConfig = z
  .strictObject({
    ...common,
    kind: z.literal('openai'),
    /** Where it listens, such as `http://127.0.0.1:8880`; with `/v1` or without. */
    url: httpUrl('http://127.0.0.1:8880/v1'),
    /** The name by which the host knows its model. */
    model: z.string().min(1).max(200),
    voices: z.array(namedVoice).min(1),
    /** What it is asked for; what it sends is told by its content type. */
    format: z.enum(['pcm', 'wav']).default('pcm'),
    /** Samples a second of raw audio that does not say; a WAV does. */
    sampleRate: rawRate,
    /** How audio comes as it is made: as bytes, as events; `none` asks for neither, for a host that knows no streaming. */
    stream: z.enum(['audio', 'sse', 'none']).default('audio'),
    /** Whether the host changes the pace itself; sotto does when not. */
    speed: z.boolean().default(false),
    /** Whether it knows marks such as `<strong>` and `[laughter]`; when absent, whether its model is called CosyVoice or Orpheus. */
    marks: z.boolean().optional(),
    /** Further fields of the request, such as `{ lang_code: z }`. */
    extra: z.record(z.string().min(1), z.unknown()).default({}),
    ...remote,
    apiKey,
  })
  .superRefine((config, context) => refuseDoubles(config, context, TAKEN))

export type OpenaiConfig = z.infer<typeof openaiConfig>
