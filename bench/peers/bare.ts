import process from 'node:process'
import { Hono } from 'hono'

/**
 * The least that a Hono app can do on its way to a CosyVoice server: reads the request, asks the host, passes the body
 * on. What it adds is what the runtime takes, and the part of sotto's figure that no code of sotto's can save.
 */
const [port, host] = process.argv.slice(2)
const app = new Hono().post('/v1/audio/speech', async (c) => {
  const { input, voice } = await c.req.json()
  const body = new FormData()
  body.set('tts_text', input)
  body.set('spk_id', voice)
  const reply = await fetch(`${host}/inference_sft`, { method: 'POST', body, signal: c.req.raw.signal })
  return new Response(reply.body)
})
Bun.serve({
  port: Number(port),
  hostname: '127.0.0.1',
  fetch: app.fetch,
  idleTimeout: 255,
  development: false,
})
