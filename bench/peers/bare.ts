import process from 'node:process'
import { Hono } from 'hono'
import { readJson } from '../../src/api/body.ts'
import { speechBody } from '../../src/api/speech-body.ts'
import { clausesOf } from '../../src/clauses/clauses.ts'

/**
 * The least that a Hono app can do on its way to a CosyVoice server: reads the request, asks the host, passes the body
 * on. What it adds is what the runtime takes, and the part of sotto's figure that no code of sotto's can save. With
 * `checked` it also does what no speech proxy can do without: checks the body, cuts the text and reads the audio.
 */
const [port, host, checked] = process.argv.slice(2)
const schema = speechBody(100_000)

const ask = (text: string, { voice, signal }: { readonly voice: string; readonly signal: AbortSignal }) => {
  const body = new FormData()
  body.set('tts_text', text)
  body.set('spk_id', voice)
  return fetch(`${host}/inference_sft`, { method: 'POST', body, signal })
}

const passed = async (request: Request): Promise<Response> => {
  const { input, voice } = (await request.json()) as { readonly input: string; readonly voice: string }
  const reply = await ask(input, { voice, signal: request.signal })
  return new Response(reply.body)
}

const read = async (request: Request): Promise<Response> => {
  const { input, voice } = await readJson(request, schema)
  const { signal } = request
  const manner = { voice: String(voice), speed: 1 }
  const [clause] = clausesOf(input, { manner })
  const reply = await ask(clause!.spoken, { ...manner, signal })
  const reader = reply.body!.getReader()
  const first = await reader.read()
  const rest = async (sink: { write(bytes?: Uint8Array): void; flush(): void; close(): void }) => {
    for (let piece = first; !piece.done; piece = await reader.read()) {
      sink.write(piece.value)
      sink.flush()
    }
    sink.close()
  }
  return new Response(
    new ReadableStream({ type: 'direct', pull: rest } as unknown as UnderlyingDefaultSource<Uint8Array>),
  )
}

const answer = checked ? read : passed
Bun.serve({
  port: Number(port),
  hostname: '127.0.0.1',
  fetch: new Hono().post('/v1/audio/speech', (c) => answer(c.req.raw)).fetch,
  idleTimeout: 255,
  development: false,
})
