import { createServer, type Server } from 'node:net'

/**
 * Loopback ports for tests: below every system's range of ports for outgoing connections (Linux 32768, others
 * 16000 or 49152), so that no connection takes one between its finding and its use.
 */
const FIRST = 10_000
const COUNT = 6_000

const handedOut = new Set<number>()

/** Finds a free loopback port that this process was not given before: who gets one may leave it closed for a while. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    if (handedOut.has(port) || !(await isFree(port))) continue
    handedOut.add(port)
    return port
  }
  throw new Error(`Cannot find a free port: 100 of ${FIRST}-${FIRST + COUNT - 1} were taken`)
}

/** Resolves with the port once the server listens there on loopback; rejects if it cannot. @default a free port */
export async function listenOn(server: Server, port?: number, address = '127.0.0.1'): Promise<number> {
  const wanted = port ?? (await freePort())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(wanted, address, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return wanted
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
