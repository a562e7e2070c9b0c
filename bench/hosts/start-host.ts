import { join } from 'node:path'
import process from 'node:process'
import { freePort } from '../../test/fakes/port.ts'
import { type Server, serverOf } from '../peers/server.ts'
import { start } from '../spawn.ts'

/** Starts a simulated host of this folder in a process of its own, with numbers for its options. */
export async function startHost(
  name: 'fast-host' | 'slotted-host' | 'batch-host' | 'crowded-host',
  options: Readonly<Record<string, number>> = {},
): Promise<Server> {
  const port = await freePort()
  const parameters = Object.entries({ port, ...options }).flatMap(([key, value]) => [`--${key}`, `${value}`])
  const host = await start([process.execPath, join(import.meta.dirname, `${name}.ts`), ...parameters], {
    ready: `http://127.0.0.1:${port}/seen`,
  })
  return serverOf(port, host)
}

/** What a host says of itself. */
export const seenBy = async <T>({ port }: Server): Promise<T> =>
  (await fetch(`http://127.0.0.1:${port}/seen`)).json() as Promise<T>
