import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { asset } from '../run/asset.ts'

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}

/** What the page is made of, beside itself. */
const PARTS = [
  'style.css',
  'decode.js',
  'demux.js',
  'join-bytes.js',
  'player.js',
  'playground.js',
  'sink.js',
  'snippets.js',
  'speech-queue.js',
  'voice-picker.js',
  'waveform.js',
  'worklet.js',
]

/** Nothing but this origin: the page works where nothing else can be reached. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob:; img-src 'self' data:; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
}

/** The page at `/` and its parts under `/web/`, read once. */
export function pageRoutes(): Hono {
  const page = readFileSync(asset('web/index.html'), 'utf8')
  const app = new Hono().get('/', (c) => c.html(page, 200, HEADERS))
  for (const part of PARTS) {
    const content = readFileSync(asset(`web/${part}`), 'utf8')
    const type = TYPES[part.slice(part.lastIndexOf('.') + 1)]!
    app.get(`/web/${part}`, (c) => c.body(content, 200, { ...HEADERS, 'content-type': type }))
  }
  return app
}
