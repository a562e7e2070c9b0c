import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/fakes/port.ts'
import { start } from '../spawn.ts'
import { type Server, serverOf } from './server.ts'

const FOLDER = join(import.meta.dirname, 'portkey')
const PROGRAM = join(FOLDER, 'node_modules/@portkey-ai/gateway/build/start-server.js')

/** Whether it was installed: `npm ci --prefix bench/peers/portkey`. It is no part of sotto's own install. */
export const hasPortkey = (): boolean => existsSync(PROGRAM)

/** Starts Portkey's gateway on Node, as it is published. */
export async function startPortkey(): Promise<Server> {
  const port = await freePort()
  const portkey = await start(['node', PROGRAM, `--port=${port}`, '--headless'], {
    cwd: FOLDER,
    env: { NODE_ENV: 'production' },
    quiet: true,
    ready: `http://127.0.0.1:${port}/`,
  })
  return serverOf(port, portkey)
}

/** Tells it with each request whom to ask. */
export const toPortkey = (hostPort: number): Readonly<Record<string, string>> => ({
  'x-portkey-provider': 'openai',
  'x-portkey-custom-host': `http://127.0.0.1:${hostPort}/v1`,
  authorization: 'Bearer none',
})
