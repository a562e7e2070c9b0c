import { Buffer } from 'node:buffer'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connections } from './load/connection.ts'

export interface Ask {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The kept connections to each port. */
const connections = new Map<number, Connections>()

/** Posts and gives the milliseconds to the first byte of the body; reads the rest away. */
export async function firstByte({ url, headers, body }: Ask): Promise<number> {
  const { port, host, pathname } = new URL(url)
  const fields = { host, ...headers, 'content-length': `${Buffer.byteLength(body)}` }
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  const { status, bytes, firstMs } = await connectionsTo(Number(port)).ask(
    Buffer.from(`POST ${pathname} HTTP/1.1\r\n${head.join('')}\r\n${body}`),
  )
  if (status !== 200 || bytes === 0) throw new Error(`${url} answered ${status}, ${bytes} bytes`)
  return firstMs
}

function connectionsTo(port: number): Connections {
  const known = connections.get(port) ?? new Connections(port)
  connections.set(port, known)
  return known
}

/**
 * Asks `count` times, `concurrency` at a time, and gives the milliseconds to each first byte. Each asker rests for up to
 * `restMs` between two, so that they do not fall into step.
 */
export async function firstBytes(
  ask: Ask,
  { count, concurrency, restMs = 0 }: { count: number; concurrency: number; restMs?: number },
): Promise<number[]> {
  const took: number[] = []
  let left = count
  const worker = async () => {
    while (left-- > 0) {
      if (restMs > 0) await sleep(Math.random() * restMs)
      took.push(await firstByte(ask))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return took
}
