import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { asset } from '../run/asset.ts'

const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/web/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/web/playground.js': ['playground.js', 'text/javascript; charset=utf-8'],
  '/web/player.js': ['player.js', 'text/javascript; charset=utf-8'],
  '/web/worklet.js': ['worklet.js', 'text/javascript; charset=utf-8'],
} as const

/** Nothing but this origin: the page works where nothing else can be reached. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob:; img-src 'self' data:; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
}

/** The page at `/` and its files, read once. */
export function pageRoutes(): Hono {
  const app = new Hono()
  for (const [path, [file, type]] of Object.entries(FILES)) {
    const content = readFileSync(asset(`web/${file}`), 'utf8')
    app.get(path, (c) => c.body(content, 200, { ...HEADERS, 'content-type': type }))
  }
  return app
}
