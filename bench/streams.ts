import { type BenchResult, median, type Row, round } from './bench.ts'
import { startHost } from './hosts/start-host.ts'
import { type CrowdSeen, loaded } from './load/load.ts'
import { hasNginx, startNginx } from './peers/nginx.ts'
import { hasPortkey, startPortkey, toPortkey } from './peers/portkey.ts'
import type { Server } from './peers/server.ts'
import { skippedPeers } from './peers/skipped.ts'
import { openaiHost, startSotto } from './peers/sotto.ts'

const AT = 64
const AUDIO_MS = 300
/** Each way is loaded so often, in turn, so that the machine's moods hit all alike. */
const ROUNDS = 3
const SECONDS = 3

/** Short: 0.3 s of speech, which the host has ready at once. */
const BODY = { model: 'tts-1', voice: 'v', input: 'Say {n}.', response_format: 'pcm' }

interface Way {
  readonly path: string
  readonly server: Pick<Server, 'port' | 'pid'>
  readonly headers?: Readonly<Record<string, string>>
}

/** How many short streams a second go through sotto, nginx and Portkey's gateway, before the same host (PRF-2). */
export async function run(): Promise<BenchResult> {
  await using host = await startHost('fast-host', { audioMs: AUDIO_MS })
  await using stack = new AsyncDisposableStack()
  const ways: Way[] = [{ path: 'direct', server: host }]
  if (hasNginx()) ways.push({ path: 'nginx', server: stack.use(await startNginx(host.port)) })
  ways.push({
    path: 'sotto',
    server: stack.use(await startSotto({ hosts: [openaiHost(host, { slots: AT })] })),
  })
  const portkey = hasPortkey()
  if (portkey) {
    ways.push({
      path: 'Portkey',
      server: stack.use(await startPortkey()),
      headers: toPortkey(host.port),
    })
  }
  const seen = new Map<string, CrowdSeen[]>(ways.map(({ path }) => [path, []]))
  for (let i = 0; i <= ROUNDS; i++) {
    for (const { path, server, headers } of ways) {
      const ask = { path: '/v1/audio/speech', body: BODY, ...(headers && { headers }) }
      const { crowds } = await loaded({
        port: server.port,
        seconds: SECONDS,
        warmSeconds: 0.5,
        crowds: [{ name: path, ask, at: AT }],
      })
      if (i > 0) seen.get(path)!.push(crowds[path]!) // the first round only warms up
    }
  }
  const perSecond = (path: string) => median((seen.get(path) ?? []).map((crowd) => crowd.saidPerSecond))
  const rows = ways.map(
    ({ path }): Row => ({
      path,
      'streams a second': round(perSecond(path), 0),
      'ratio to Portkey': portkey ? round(perSecond(path) / perSecond('Portkey')) : '',
      'ratio to nginx': round(perSecond(path) / perSecond('nginx')),
      'first audio p50 ms': round(median(seen.get(path)!.map(({ first }) => first.p50))),
      'first audio p99 ms': round(median(seen.get(path)!.map(({ first }) => first.p99))),
      failed: seen.get(path)!.reduce((sum, { sent, said }) => sum + sent - said, 0),
      whole: seen.get(path)!.every(({ said, bytes }) => Math.abs(bytes / said / (48 * AUDIO_MS) - 1) < 0.1)
        ? 'yes'
        : 'no',
    }),
  )
  return {
    question: 'How many short streams a second go through one process?',
    rows,
    notes: [
      `${AT} callers, each asking again as soon as it has heard 0.3 s of 24 kHz PCM that the host has at once`,
      `medians of ${ROUNDS} rounds of ${SECONDS} s in turn after one to warm up; load and host share the machine`,
      ...skippedPeers(),
    ],
  }
}
