import type { Clause } from '../../speech.ts'
import { mannerOf } from '../http/manner-of.ts'
import type { OpenaiConfig } from '../openai-config.ts'
import type { NamedVoice } from '../remote/config.ts'
import { spokenText } from '../remote/spoken-text.ts'

/** Where a host takes speech: its address may be bare, end in `/v1`, or be that of the call itself. */
export function speechAddress(url: string): URL {
  const address = new URL(url)
  const path = address.pathname.replace(/\/+$/, '')
  if (path.endsWith('/audio/speech')) address.pathname = path
  else address.pathname = /\/v\d+$/.test(path) ? `${path}/audio/speech` : `${path}/v1/audio/speech`
  return address
}

/**
 * Says clauses as OpenAI's request. Beside `stream_format`, older vllm-omni, sglang-omni and cosyvoice.cpp stream only
 * with `stream: true`, which OpenAI itself does not know.
 */
export function speechBody(config: SpeechBodyConfig): SpeechBody {
  const { url, model, format, stream, speed, extra, marks = /cosy|orpheus/i.test(model) } = config
  const streaming = stream !== 'none' && { stream_format: stream, ...(!isStrict(url) && { stream: true }) }
  return (clause, voice) => ({
    model,
    input: spokenText(clause, { marks }),
    voice: voice.name ?? voice.id,
    response_format: format,
    ...streaming,
    ...(speed && { speed: clause.speed }),
    ...mannerOf(clause, voice),
    ...extra,
  })
}

type SpeechBodyConfig = Pick<
  OpenaiConfig,
  'url' | 'model' | 'format' | 'stream' | 'speed' | 'extra' | 'marks'
>
type SpeechBody = (clause: Clause, voice: NamedVoice) => object

const isStrict = (url: string): boolean => /(^|\.)(openai|azure)\.com$/.test(new URL(url).hostname)
