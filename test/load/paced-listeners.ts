import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../../bench/bench.ts'
import { type Spawned, start } from '../../bench/spawn.ts'
import { BUN_SETTINGS } from '../../src/run/tune-bun.ts'
import { freePort } from '../fakes/port.ts'
import { type Listener, listen } from './listener.ts'
import type { Inside } from './observed-sotto.ts'
import { residentMegabytes } from './resident.ts'

/** What `paced-listeners.ts` prints. */
export interface Paced {
  readonly listeners: number
  /** Resident size of a sotto that a few have listened to and left, in MiB: its code is loaded and compiled. */
  readonly idleMegabytes: number
  /** The same while all listen: the median over some seconds. */
  readonly busyMegabytes: number
  /** Of it, audio that waits for listeners, in MiB. */
  readonly spooledMegabytes: number
  /** What JavaScript holds for all of them once garbage is collected, beside that audio, in MiB. */
  readonly liveMegabytes: number
  /** Seconds of audio that a listener took in a second, on average; less than 1 when sotto could not keep up. */
  readonly pace: number
}

const MEGABYTE = 1024 ** 2
const RATE = 22_050
const BYTES_PER_SECOND = 2 * RATE
/** How often a listener takes what it has heard meanwhile. */
const TICK_MS = 100
const SETTLE_MS = 10_000
/** Who come before the others, and how long they stay, and the program is left alone after that. */
const FEW = 20
const LEAVE_MS = 2_000
const SAMPLES = 10
/** About four and a half minutes of speech: nobody comes to its end. */
const TEXT = 'This is one sentence of a long text, as long as most of them are. '.repeat(60)

/** Listeners who take a pcm stream at real time; figures in JSON. */
const listeners = Number(process.argv[2] ?? 200)
const hostPort = await freePort()
const host = await startHost(hostPort)
const port = await freePort()
const sotto = await startSotto()
function startHost(port: number): Promise<Spawned> {
  const program = join(import.meta.dirname, '../fakes/cosyvoice-server.ts')
  return start([process.execPath, program, '--port', `${port}`], { ready: `http://127.0.0.1:${port}/` })
}

function startSotto(): Promise<Spawned> {
  const voices = [{ id: '英文女', mode: 'sft' }]
  const url = `http://127.0.0.1:${hostPort}`
  const gpu = {
    id: 'gpu',
    kind: 'cosyvoice-http',
    url,
    model: 'cosyvoice-300m-sft',
    slots: 64,
    maxRequestsPerSecond: 10_000,
    voices,
  }
  const program = join(import.meta.dirname, 'observed-sotto.ts')
  return start([process.execPath, program, JSON.stringify({ port, hosts: [gpu] })], {
    env: BUN_SETTINGS,
    ready: `http://127.0.0.1:${port}/healthz`,
  })
}

const told = async <T>(path: string) => (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as T

async function measure(): Promise<Paced> {
  const few = await Crowd.gather(FEW)
  await sleep(LEAVE_MS)
  few.leave()
  await sleep(LEAVE_MS)
  const idle = await live()
  await sleep(1_000)
  const idleMegabytes = residentMegabytes(sotto.pid)

  const crowd = await Crowd.gather(listeners)
  await sleep(SETTLE_MS)
  const [began, before] = [performance.now(), crowd.taken]
  const [busy, spooled]: [number[], number[]] = [[], []]
  for (let i = 0; i < SAMPLES; i++) {
    busy.push(residentMegabytes(sotto.pid))
    spooled.push((await told<number>('/spooled')) / MEGABYTE)
    await sleep(500)
  }
  const pace = (crowd.taken - before) / listeners / BYTES_PER_SECOND / ((performance.now() - began) / 1000)
  const liveMegabytes = (await live()) - idle
  crowd.leave()
  return {
    listeners,
    idleMegabytes,
    busyMegabytes: median(busy),
    spooledMegabytes: median(spooled),
    liveMegabytes,
    pace,
  }
}

async function live(): Promise<number> {
  const { liveBytes, spooledBytes } = await told<Inside>('/inside')
  return (liveBytes - spooledBytes) / MEGABYTE
}

const bodyOf = (input: string) => ({
  model: 'm',
  voice: '英文女',
  response_format: 'pcm',
  sample_rate: RATE,
  cache: 'no-store', // each has host calls of their own
  input,
})

/** Listeners who read no faster than they hear. */
class Crowd {
  readonly #members: { listener: Listener; began: number; taken: number }[] = []
  readonly #timer = setInterval(() => this.#read(), TICK_MS)

  /** Lets them in over three seconds, so that they are not all at the same place. */
  static async gather(count: number): Promise<Crowd> {
    const crowd = new Crowd()
    for (let i = 0; i < count; i++) {
      crowd.#join()
      if (i % 20 === 19) await sleep((20 * 3_000) / count)
    }
    return crowd
  }

  /** Bytes that all have taken together. */
  get taken(): number {
    return this.#members.reduce((sum, { taken }) => sum + taken, 0)
  }

  leave(): void {
    clearInterval(this.#timer)
    for (const { listener } of this.#members) listener.leave()
  }

  #join(): void {
    const onBytes = (count: number) => {
      member.taken += count
      if (member.taken >= due(member.began)) listener.pause()
    }
    const listener = listen(bodyOf(TEXT), { port, onBytes })
    const member = { listener, began: performance.now(), taken: 0 }
    this.#members.push(member)
  }

  #read(): void {
    for (const { listener, began, taken } of this.#members) {
      if (taken < due(began)) listener.resume()
    }
  }
}

const due = (began: number): number => ((performance.now() - began) / 1000) * BYTES_PER_SECOND

try {
  console.log(JSON.stringify(await measure()))
} finally {
  await sotto[Symbol.asyncDispose]()
  await host[Symbol.asyncDispose]()
}
