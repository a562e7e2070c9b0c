import type { Ask } from './first-byte.ts'
import type { Server } from './peers/server.ts'

/** Of a host with CosyVoice's routes. */
export const VOICE = '中文女'

/** Asks a host with CosyVoice's routes, or what passes it on as it is, for a text in {@link VOICE}. */
export const toHost = ({ port }: Pick<Server, 'port'>, text: string): Ask => ({
  url: `http://127.0.0.1:${port}/inference_sft`,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ tts_text: text, spk_id: VOICE }).toString(),
})

/** Asks a proxy with OpenAI's route for a text in {@link VOICE}. */
export const toProxy = (
  { port }: Pick<Server, 'port'>,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Ask => ({
  url: `http://127.0.0.1:${port}/v1/audio/speech`,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({
    model: 'tts-1',
    voice: VOICE,
    input: text,
    response_format: 'pcm',
    cache: 'no-store', // not shared with others who ask for the same at the same time
  }),
})
