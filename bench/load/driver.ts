import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connections, type Heard } from './connection.ts'
import type { Crowd, Load, Loaded } from './load.ts'
import { requests } from './request.ts'
import { Counter, times } from './tally.ts'

/** Loads a port as told on the command line, and prints what has become of it; see `load.ts`. */
const load = JSON.parse(process.argv[2] ?? '') as Load
/** No two runs ask for the same text. */
let number = Math.floor(Math.random() * 1e6)

const connections = new Connections(load.port, { keep: !load.fresh })
const began = performance.now()
/** Only what is asked from here on counts, and only what is asked before the end. */
const from = began + 1000 * (load.warmSeconds ?? 0)
const until = from + 1000 * load.seconds

/** Asks on and on, `at` a time: each as soon as the one before is answered, and a rest later. */
async function closed({ ask, crowd: { at = 1, restMs = 0 } }: Member): Promise<void> {
  const rest = () => (restMs > 0 ? sleep(restMs * (0.5 + Math.random())) : undefined)
  const one = async () => {
    await sleep(Math.random() * (restMs || 50)) // so that they do not fall into step
    while (performance.now() < until) {
      await ask()
      await rest()
    }
  }
  await Promise.all(Array.from({ length: at }, one))
}

/** Asks `perSecond` at random moments, however slow the answers are. */
async function open({ ask, crowd: { perSecond = 0 } }: Member): Promise<void> {
  const running = new Set<Promise<void>>()
  const gap = () => (-Math.log(1 - Math.random()) * 1000) / perSecond
  for (let due = began + gap(); due < until; ) {
    for (const now = performance.now(); due <= now; due += gap()) {
      lags.push(now - due)
      const asked = ask().finally(() => running.delete(asked))
      running.add(asked)
    }
    await sleep(1)
  }
  await Promise.all(running)
}

interface Member {
  readonly crowd: Crowd
  readonly ask: () => Promise<void>
}

/** How late open loads were with their requests. */
const lags: number[] = []
/** When who was said has been heard to the end, for the rate within the measured time. */
const ends: { readonly crowd: string; readonly heard: Heard; readonly at: number }[] = []

async function run(crowd: Crowd): Promise<[string, Loaded['crowds'][string]]> {
  const counter = new Counter(crowd)
  const next = requests(crowd.ask, { close: load.fresh ?? false })
  const ask = async () => {
    const at = performance.now()
    const heard = await connections.ask(next(number++ % 1e6))
    ends.push({ crowd: crowd.name, heard, at: performance.now() })
    if (at >= from && at < until) counter.add(heard)
  }
  await (crowd.perSecond ? open : closed)({ crowd, ask })
  const within = ends.filter((end) => end.crowd === crowd.name && end.at >= from && end.at < until)
  const said = within.filter(({ heard: { status } }) => status === 200)
  const inTime = said.filter(({ heard }) => heard.firstMs <= (crowd.withinMs ?? Number.POSITIVE_INFINITY))
  return [
    crowd.name,
    {
      ...counter.tally(),
      endedPerSecond: within.length / load.seconds,
      saidPerSecond: said.length / load.seconds,
      inTimePerSecond: inTime.length / load.seconds,
    },
  ]
}

const crowds = Object.fromEntries(await Promise.all(load.crowds.map(run)))
const { user, system } = process.cpuUsage()
const cpuShare = (user + system) / 1000 / (performance.now() - began)
console.log(JSON.stringify({ crowds, lag: times(lags), cpuShare } satisfies Loaded))
connections.close()
process.exit()
