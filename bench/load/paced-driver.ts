import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connections } from './connection.ts'
import type { PacedLoad, PacedSeen } from './paced.ts'
import { requests } from './request.ts'
import { times } from './tally.ts'

/** Has many listen to streams that come at real time, and prints how late the audio was; see `paced.ts`. */
const { port, ask, listeners, chunkBytes, chunkMs, joinSeconds, seconds } = JSON.parse(
  process.argv[2] ?? '',
) as PacedLoad
const next = requests(ask)
const connections = new Connections(port)
const began = performance.now()
const from = began + 1000 * joinSeconds + 1500 // those who came last have begun, too
const until = from + 1000 * seconds
const offset = Math.floor(Math.random() * 9e5)

/** One listener: when each chunk of a tenth of a second was there as a whole. */
class Listener {
  readonly #arrivals: number[] = []
  #bytes = 0

  readonly onBytes = (count: number): void => {
    this.#bytes += count
    const now = performance.now()
    while (this.#arrivals.length < Math.floor(this.#bytes / chunkBytes)) this.#arrivals.push(now)
  }

  /** How late each chunk was within the measured time, by a schedule that begins with the stream's earliest one. */
  lateness(): number[] {
    const beginnings = this.#arrivals.map((at, i) => at - i * chunkMs)
    const earliest = Math.min(...beginnings)
    return beginnings
      .map((at) => at - earliest)
      .filter((_, i) => this.#arrivals[i]! >= from && this.#arrivals[i]! < until)
  }
}

const crowd = Array.from({ length: listeners }, () => new Listener())
let failed = 0
let asked = 0
for (const [i, { onBytes }] of crowd.entries()) {
  const due = began + (1000 * joinSeconds * i) / listeners
  if (due > performance.now()) await sleep(due - performance.now())
  connections.ask(next(offset + i), { onBytes }).then(({ status }) => {
    if (status !== 200 && performance.now() < until) failed++
  })
  asked++
}
await sleep(from - performance.now())
const cpu = process.cpuUsage()
await sleep(until - performance.now())
const { user, system } = process.cpuUsage(cpu)
const lateness = crowd.map((listener) => listener.lateness())
const due = (1000 * seconds) / chunkMs
console.log(
  JSON.stringify({
    lateness: times(lateness.flat()),
    /** Who got nearly all that was due. */
    whole: lateness.filter(({ length }) => length >= due - 2).length,
    failed,
    asked,
    cpuShare: (user + system) / 1e6 / seconds,
  } satisfies PacedSeen),
)
process.exit()
