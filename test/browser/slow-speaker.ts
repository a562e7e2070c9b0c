import { readFileSync } from 'node:fs'
import { freePort } from '../fakes/port.ts'

/** A piece of the reply: audio in seconds, raw bytes, a wait in milliseconds, or the connection's end. */
export type Piece = { seconds: number } | { bytes: Uint8Array } | { wait: number } | 'cut'

export interface SlowSpeaker extends AsyncDisposable {
  readonly url: string
  /** What the page asked for, in order. */
  readonly requests: Record<string, unknown>[]
  /** How many replies the page has left. */
  readonly left: () => number
  /** What the next replies are made of; a `Response` is given as it is. */
  script: Iterable<Piece> | Response
}

export const RATE = 24_000
const TYPES: Record<string, string> = { html: 'text/html', css: 'text/css', js: 'text/javascript' }
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob:; img-src 'self' data:; worker-src 'self'"
const VOICES = [
  { id: 'auto', languages: [], hosts: ['local'], aliases: ['alloy', 'house'] },
  ...Array.from({ length: 30 }, (_, i) => ({ id: `v${i}`, languages: [], hosts: ['local'], aliases: [] })),
  { id: 'cmn', languages: ['cmn', 'zh'], hosts: ['local'], aliases: ['ash'] },
]

/** Serves the page from `src/web`, and replies that a test scripts piece by piece. */
export async function startSlowSpeaker(): Promise<SlowSpeaker> {
  const requests: Record<string, unknown>[] = []
  let left = 0
  const speaker = { script: [] as Iterable<Piece> | Response }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: await freePort(),
    routes: {
      '/': () => page('index.html'),
      '/web/:file': ({ params }) => page(params.file),
      '/v1/audio/voices': () => Response.json({ voices: VOICES }),
      '/v1/audio/speech': async (request) => {
        requests.push((await request.json()) as Record<string, unknown>)
        if (speaker.script instanceof Response) return speaker.script.clone() as Response
        const body = played(speaker.script, () => left++)
        return new Response(body, { headers: { 'content-type': `audio/pcm;rate=${RATE};channels=1` } })
      },
    },
  })
  return Object.assign(speaker, {
    url: `http://127.0.0.1:${server.port}/`,
    requests,
    left: () => left,
    [Symbol.asyncDispose]: () => server.stop(true),
  })
}

const page = (file: string) =>
  new Response(readFileSync(`src/web/${file}`), {
    headers: {
      'content-type': TYPES[file.slice(file.lastIndexOf('.') + 1)]!,
      'content-security-policy': POLICY,
    },
  })

function played(script: Iterable<Piece>, onLeft: () => void): ReadableStream<Uint8Array> {
  const pieces = script[Symbol.iterator]()
  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        const { done, value } = pieces.next()
        if (done) return controller.close()
        if (value === 'cut') return controller.error(new Error('cut'))
        if (!('wait' in value))
          return controller.enqueue('bytes' in value ? value.bytes : tone(value.seconds))
        await Bun.sleep(value.wait)
      }
    },
    cancel: onLeft,
  })
}

/** 440 Hz at half of full scale: its root mean square is 0.354. */
export function tone(seconds: number): Uint8Array<ArrayBuffer> {
  const samples = Int16Array.from({ length: Math.round(seconds * RATE) }, (_, i) =>
    Math.round(16_384 * Math.sin((2 * Math.PI * 440 * i) / RATE)),
  )
  return new Uint8Array(samples.buffer)
}
