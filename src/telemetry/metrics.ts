import type { CallEvent, Format } from '../speech.ts'
import { clock } from './clock.ts'
import { readGauges, type Watched } from './host-gauges.ts'
import { HostMeter } from './host-meter.ts'
import { type Instruments, instruments } from './instruments.ts'
import { type LoopLagOptions, loopLag } from './loop-lag.ts'
import { processMetrics } from './process-metrics.ts'
import { Registry } from './prom-client.ts'
import { RequestMeter, RouteMeter } from './request-meter.ts'

/** Clocks and timers may be given. */
export type MetricsOptions = LoopLagOptions

export interface RequestOptions {
  /** The pattern of the route, such as `/v1/audio/speech`; never a path that a caller wrote. */
  readonly route: string
  /** What is asked for; may be told later, and is `none` until then. */
  readonly format?: Format | undefined
  /** When it came, in milliseconds of the clock. @default now */
  readonly arrivedAt?: number | undefined
}

/** More hosts or routes than this are counted together as `other`: a scrape stays bounded whatever is told. */
const MOST = 256
const OTHER = 'other'

/** Counts what happens and shows it as Prometheus reads it. Nothing of a request's text becomes a label. */
export class Metrics implements Disposable {
  readonly #registry = new Registry()
  readonly #all: Instruments = instruments(this.#registry)
  readonly #hosts = new Map<string, HostMeter>()
  readonly #routes = new Map<string, RouteMeter>()
  readonly #now: () => number
  readonly #lag: Disposable
  #watched: Watched | undefined
  #open = 0

  constructor({ now = clock, setTimer }: MetricsOptions = {}) {
    this.#now = now
    this.#lag = loopLag((seconds) => this.#all.loopLagSeconds.observe(seconds), { now, setTimer })
    processMetrics(this.#registry)
  }

  /** The type of what {@link text} gives. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** Counts what became of a clause; may be handed on without its owner. */
  readonly tell = (event: CallEvent): void => {
    if (event.type === 'joined') this.#all.joined.inc()
    else this.#host(event.host).tell(event)
  }

  /** Counts a call of a host that takes many clauses at once. */
  batch({ host, size }: { readonly host: string; readonly size: number }): void {
    this.#host(host).batch(size)
  }

  /** Begins to measure a request; it is one of the concurrent ones until its end is told. */
  request({ route, format, arrivedAt = this.#now() }: RequestOptions): RequestMeter {
    this.#open++
    const meter = new RequestMeter(this.#route(route), {
      arrivedAt,
      now: this.#now,
      tell: this.tell,
      onEnd: () => {
        this.#open--
      },
    })
    if (format) meter.speaks(format)
    return meter
  }

  /** Looks at these from now on, and at no others, when the metrics are asked for; of others no counts are shown. */
  watch(watched: Watched): void {
    this.#watched = watched
  }

  /** Everything in Prometheus's text format. */
  async text(): Promise<string> {
    this.#all.concurrentRequests.set(this.#open)
    if (this.#watched) this.#look(this.#watched)
    return this.#registry.metrics()
  }

  /** Ends the look at the event loop. */
  [Symbol.dispose](): void {
    this.#lag[Symbol.dispose]()
  }

  #look({ hosts, spool }: Watched): void {
    const { used, bytes } = spool()
    this.#all.spoolBytes.set(used)
    this.#all.spoolBudgetBytes.set(bytes)
    const all = [...hosts()]
    this.#forgetAllBut(new Set(all.map(({ host }) => host)))
    for (const { host } of all) this.#host(host) // its counts are there from the start
    readGauges(all, this.#all)
  }

  /** Of a host that is gone a call may still end, but the addresses of a name would add up for ever. */
  #forgetAllBut(hosts: ReadonlySet<string>): void {
    for (const [id, meter] of this.#hosts) {
      if (hosts.has(id) || id === OTHER) continue
      meter.remove()
      this.#hosts.delete(id)
    }
  }

  #host(id: string): HostMeter {
    return known(this.#hosts, { key: id, create: (host) => new HostMeter(host, this.#all) })
  }

  #route(pattern: string): RouteMeter {
    return known(this.#routes, { key: pattern, create: (route) => new RouteMeter(route, this.#all) })
  }
}

function known<T>(all: Map<string, T>, { key, create }: { key: string; create: (name: string) => T }): T {
  const found = all.get(key) ?? (all.size >= MOST ? all.get(OTHER) : undefined)
  if (found) return found
  const name = all.size >= MOST ? OTHER : key
  const made = create(name)
  all.set(name, made)
  return made
}
