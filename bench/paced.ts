import { setTimeout as sleep } from 'node:timers/promises'
import { residentMegabytes } from '../test/load/resident.ts'
import { type BenchResult, median, type Row, round } from './bench.ts'
import { startHost } from './hosts/start-host.ts'
import { type PacedLoad, paced } from './load/paced.ts'
import type { Server } from './peers/server.ts'
import { openaiHost, startSotto } from './peers/sotto.ts'
import { cpuSeconds, idleSeconds } from './process.ts'

const CHUNK_MS = 100
const CHUNK_BYTES = (2 * 24_000 * CHUNK_MS) / 1000
const JOIN_SECONDS = 4
const SECONDS = 20
const AUDIO_MS = 1000 * (JOIN_SECONDS + SECONDS + 6)
/** Until the audio is late. */
const LISTENERS = [250, 500, 1000, 1500, 2000, 3000, 4000]
const LATE_MS = 20
/** More places than one host may have. */
const MOST_SLOTS = 1024

/** A clause that may take so long. */
const TEXT = `Say {n} ${'in one breath that goes on and on '.repeat(4)}to its end.`

const load = (port: number, listeners: number): PacedLoad => ({
  port,
  ask: {
    path: '/v1/audio/speech',
    body: { model: 'tts-1', voice: 'v', input: TEXT, response_format: 'pcm' },
  },
  listeners,
  chunkBytes: CHUNK_BYTES,
  chunkMs: CHUNK_MS,
  joinSeconds: JOIN_SECONDS,
  seconds: SECONDS,
})

/** How many streams at real time one process carries before their audio is late (PRF-4), and what each takes (PRF-5). */
export async function run(): Promise<BenchResult> {
  const rows: Row[] = []
  for (const listeners of LISTENERS) {
    const both = await compare(listeners)
    rows.push(...both)
    if (Number(both[1]!['late p99 ms']) >= 3 * LATE_MS) break
  }
  return {
    question: 'How many streams at real time can one process carry before their audio is late?',
    rows,
    notes: [
      `24 kHz PCM that the host sends in pieces of ${CHUNK_MS} ms at real time; each listener's pieces are late by a schedule that begins with the earliest of them; ${SECONDS} s`,
      'direct: the same listeners at the host itself, which is how late host and load are by themselves. Everything shares the machine',
      'KB a stream: resident size beyond the idle one, by listener. CPU in cores; where none are idle, others use the machine and lateness is theirs, too',
    ],
  }
}

async function compare(listeners: number): Promise<[Row, Row]> {
  await using host = await startHost('fast-host', { audioMs: AUDIO_MS, chunkMs: CHUNK_MS, paceMs: CHUNK_MS })
  const direct = await row('direct', { server: host, host, listeners })
  const hosts = Array.from({ length: Math.ceil(listeners / 1000) }, (_, i) => ({
    ...openaiHost(host, { slots: MOST_SLOTS }),
    id: `host-${i}`,
  }))
  await using sotto = await startSotto({ hosts, clauses: { firstChars: 200 } })
  return [direct, await row('sotto', { server: sotto, host, listeners })]
}

interface Path {
  readonly server: Server
  readonly host: Server
  readonly listeners: number
}

async function row(path: string, { server, host, listeners }: Path): Promise<Row> {
  await sleep(1_000)
  const before = residentMegabytes(server.pid)
  const seen = paced(load(server.port, listeners))
  await sleep(1000 * JOIN_SECONDS + 2_000)
  const began = performance.now()
  const [cpu, hostCpu, spare] = [cpuSeconds(server.pid), cpuSeconds(host.pid), idleSeconds()]
  const sizes: number[] = []
  for (let i = 0; i < SECONDS - 2; i++) {
    sizes.push(residentMegabytes(server.pid))
    await sleep(1_000)
  }
  const took = (performance.now() - began) / 1000
  const share = (cpuSeconds(server.pid) - cpu) / took
  const idleCores = (idleSeconds() - spare) / took
  const hostShare = (cpuSeconds(host.pid) - hostCpu) / took
  const { lateness, whole, failed, cpuShare } = await seen
  return {
    listeners,
    path,
    'late p50 ms': round(lateness.p50, 1),
    'late p99 ms': round(lateness.p99, 1),
    'late most ms': round(lateness.max, 0),
    whole,
    failed,
    CPU: round(share),
    'µs CPU a piece': round((1e6 * share) / ((listeners * 1000) / CHUNK_MS), 1),
    'KB a stream': round(((median(sizes) - before) * 1024) / listeners, 0),
    'host CPU': round(hostShare),
    'load CPU': round(cpuShare),
    'idle cores': round(idleCores),
  }
}
