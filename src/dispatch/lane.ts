import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Batching, Claim, Clause, SynthesizeOptions } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'
import { Alarms } from './alarms.ts'
import { Company } from './company.ts'
import { type QueueConfig, queueConfig } from './config.ts'
import { FairQueue } from './fair-queue.ts'
import type { Item } from './flow.ts'
import { BATCH_CHARACTERS, Forecast } from './forecast.ts'
import { HostGroup } from './host-group.ts'
import type { Limit } from './limit.ts'
import { type Keeper, Place, type Seat } from './place.ts'
import type { RateLimit } from './rate-limit.ts'
import { outOfTime } from './refusals.ts'
import type { Throughput } from './throughput.ts'
import type { Standing } from './urgency.ts'
import { type Waiting, WaitingRoom } from './waiting-room.ts'

export interface LaneOptions {
  /** The host's id, for messages and events. */
  readonly host: string
  /** How many calls it may have at once. */
  readonly limit: Limit
  /** When it may have the next one. */
  readonly rate: Pick<RateLimit, 'waitMs' | 'pausedMs' | 'take' | 'pause' | 'resume'>
  readonly throughput: Pick<Throughput, 'waitMs' | 'done'>
  readonly queue?: Partial<QueueConfig>
  /** The queues that `queue` bounds together; this one is of them until it is retired. @default this one alone */
  readonly group?: HostGroup | undefined
  /** For a host that takes many clauses in one call. */
  readonly batch?: Pick<Batching, 'max' | 'preferred' | 'maxDelayMs'> | undefined
  /** Told each time that the host has begun to speak. */
  readonly onHeard?: (() => void) | undefined
  /** The clock of `Claim.deadlineAt`. @default performance.now */
  readonly now?: () => number
  /** @default setTimeout */
  readonly setTimer?: SetTimer
}

/** Who asks when nobody says so. */
export const NOBODY: Claim = { request: '', tenant: { id: '', weight: 1 }, priority: 0, tell: () => {} }

/**
 * The way to one host: hands out its places, as many as its limit says and no faster than its rate, in the order of a
 * {@link FairQueue}. What would come too late is refused at once; what waits past its deadline is dropped then.
 */
export class Lane {
  readonly #options: Omit<LaneOptions, 'queue'> & Required<Pick<LaneOptions, 'now' | 'setTimer'>>
  readonly #queue: FairQueue<Waiting>
  readonly #room: WaitingRoom
  readonly #forecast: Forecast
  readonly #company: Company | undefined
  readonly #wake: Alarms<'wake'>
  readonly #keeper: Keeper = {
    heard: (_, ms) => {
      this.#forecast.firstAudio(ms)
      this.#options.onHeard?.()
    },
    ended: ({ characters, since, inFlight, firstAudioMs }, ended) => {
      const { limit, throughput, now } = this.#options
      limit.done({ ...ended, firstAudioMs, inFlight })
      if (ended.ok) throughput.done({ characters, ms: now() - since })
    },
    freed: () => {
      this.#taken--
      this.#pump()
      this.#tellIdle()
    },
  }
  #taken = 0
  #isToPump = false
  #idle: PromiseWithResolvers<void> | undefined

  constructor({ queue = {}, now = clock, setTimer = setRealTimer, ...rest }: LaneOptions) {
    const { host, batch, group = new HostGroup() } = rest
    const bounds = queueConfig.parse(queue)
    this.#options = { ...rest, now, setTimer }
    this.#queue = new FairQueue(bounds)
    this.#forecast = new Forecast({ ...rest, queue: this.#queue, now })
    this.#company = batch && new Company(batch)
    this.#room = new WaitingRoom({
      host,
      bounds,
      queue: this.#queue,
      group,
      forecast: this.#forecast,
      company: this.#company,
      backlogMs: () => this.backlogMs,
      onLeft: () => this.#left(),
      now,
      setTimer,
    })
    this.#wake = new Alarms({ now, setTimer, onDue: () => this.#pump() })
  }

  /** Clauses that wait. */
  get waiting(): number {
    return this.#queue.size
  }

  /** Their characters. */
  get waitingChars(): number {
    return this.#queue.cost
  }

  /** Places that are held. */
  get taken(): number {
    return this.#taken
  }

  /** Places that there are. */
  get size(): number {
    return this.#options.limit.size
  }

  /** Calls under way and to come as a share of the size: what a router compares. */
  get load(): number {
    return (this.#taken + this.waiting / (this.#options.batch?.max ?? 1)) / this.size
  }

  /** How long the host still wants no call, in milliseconds. */
  get pausedMs(): number {
    return this.#options.rate.pausedMs()
  }

  /** Resolves when nothing waits and no place is held. */
  get idle(): Promise<void> {
    this.#idle ??= Promise.withResolvers()
    this.#tellIdle()
    return this.#idle?.promise ?? Promise.resolve()
  }

  /** How long a clause that came now would wait, in milliseconds, if all that waits went before it. */
  get backlogMs(): number {
    return this.#forecast.waitMs(this.#queue.cost, this.#taken)
  }

  /**
   * Gives a place once it is the clause's turn; it is to be given back when the host is free, and may come just as
   * `signal` aborts. Rejects with a `SpeechError`: `overloaded` when the queue is full or the wait too long,
   * `exhausted` when the tenant itself has too much waiting, `timeout` once the deadline passes.
   */
  async take(clause: Clause, { signal, claim = NOBODY }: SynthesizeOptions): Promise<Seat> {
    signal.throwIfAborted()
    const isFree = this.#queue.size === 0 && this.#taken < this.size && this.#options.rate.waitMs() === 0
    this.#room.admit(clause, claim, { isFree, taken: this.#taken })
    const { promise, resolve, reject } = Promise.withResolvers<Seat>()
    const since = this.#options.now()
    const item = this.#room.enter({ clause, claim, since, grant: resolve, refuse: reject })
    if (this.#company) this.#pumpSoon()
    else this.#pump()
    if (!this.#room.has(clause)) return promise // as a rule: it has its place
    const leave = () => this.#room.drop(item, signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    return promise.finally(() => signal.removeEventListener('abort', leave))
  }

  /** Makes a clause that waits more urgent, as one who joins it asks for; never less. */
  lift(clause: Clause, standing: Standing): void {
    this.#room.lift(clause, standing)
  }

  /** Has a clause share no call with others from now on: one that failed with others may be the one at fault. */
  isolate(clause: Clause): void {
    this.#company?.isolate(clause)
  }

  /** Starts no call for `ms`, as the host has asked. */
  pause(ms: number): void {
    this.#options.rate.pause(ms)
    this.#pump()
  }

  /** Ends a pause: the host has been started again. */
  resume(): void {
    this.#options.rate.resume()
    this.#pump()
  }

  /** Rejects all that waits. */
  flush(reason: unknown): void {
    this.#room.clear(reason)
  }

  /** Rejects all that waits, and is not of its group any more. */
  retire(reason: unknown): void {
    this.#room.retire(reason)
  }

  /** Lets those that come at the same moment share a call. */
  #pumpSoon(): void {
    if (this.#isToPump) return
    this.#isToPump = true
    queueMicrotask(() => {
      this.#isToPump = false
      this.#pump()
    })
  }

  /** Gives away what places there are, and sees to it that it happens again when there are more to give. */
  #pump(): void {
    const { now, rate } = this.#options
    this.#wake.delete('wake')
    while (this.#queue.size > 0 && this.#taken < this.size) {
      this.#passOver()
      const ms = Math.max(rate.waitMs(), this.#holdMs())
      if (ms > 0) {
        this.#wake.add('wake', now() + ms)
        return
      }
      this.#grant()
    }
  }

  /** Refuses who is next but would be late by what the host usually takes, as long as others can use the place. */
  #passOver(): void {
    const { host, now } = this.#options
    while (this.#queue.size > 1) {
      const item = this.#queue.peek()!
      const { clause, claim } = item.value
      if (clause.index > 0 || now() + this.#forecast.firstAudioMs <= (claim.deadlineAt ?? Infinity)) return
      this.#room.refuse(item, outOfTime(host))
    }
  }

  /** How long to wait for company. */
  #holdMs(): number {
    if (!this.#company) return 0
    const { kind, value } = this.#queue.peek()!
    const size = this.#queue.sizeOf(kind)
    return this.#company.holdMs({
      kind,
      size,
      since: value.since,
      running: this.#taken,
      now: this.#options.now(),
    })
  }

  #grant(): void {
    const { batch, host, now, rate } = this.#options
    const first = this.#room.call()!
    const items = [first]
    while (items.length < (batch?.max ?? 1)) {
      const next = this.#room.call(first.kind)
      if (!next) break
      items.push(next)
    }
    rate.take()
    this.#company?.left()
    const place = this.#place(items)
    for (const [number, item] of items.entries()) {
      const { claim, since, grant } = item.value
      claim.tell({ type: 'queued', host, ms: now() - since })
      grant({ place, number })
    }
  }

  #place(items: readonly Item<Waiting>[]): Place {
    const { now, batch } = this.#options
    return new Place({
      keeper: this.#keeper,
      clauses: items.map(({ value }) => value.clause),
      characters: batch ? BATCH_CHARACTERS : items.reduce((sum, { cost }) => sum + cost, 0),
      since: now(),
      inFlight: ++this.#taken,
    })
  }

  /** One who waited has gone away. */
  #left(): void {
    if (this.#queue.size === 0) this.#wake.delete('wake')
    this.#tellIdle()
  }

  #tellIdle(): void {
    if (this.#taken + this.#queue.size > 0) return
    this.#idle?.resolve()
    this.#idle = undefined
  }
}
