import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Ask {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** One connection pool for all paths, so that what is compared is the path and not the client. */
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** Posts and gives the milliseconds to the first byte of the body; reads the rest away. */
export function firstByte({ url, headers, body }: Ask): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const began = performance.now()
  const asked = request(url, { method: 'POST', agent, headers }, (response) => {
    let first = 0
    response.on('data', () => {
      first ||= performance.now() - began
    })
    response.on('end', () =>
      response.statusCode === 200 && first > 0
        ? resolve(first)
        : reject(new Error(`${url} answered ${response.statusCode}`)),
    )
    response.on('error', reject)
  })
  asked.on('error', reject)
  asked.end(body)
  return promise
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
