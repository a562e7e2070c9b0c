import type { Lookahead } from './dispatch/lookahead.ts'
import type { Schedule } from './dispatch/schedule.ts'
import { SpeechError } from './errors.ts'
import type { PumpSource } from './pcm/pump.ts'
import { nextOf } from './pcm/supply.ts'
import type { Bytes, Supply, Waiter } from './speech.ts'
import { outcomeOf } from './telemetry/outcome.ts'
import type { RequestMeter } from './telemetry/request-meter.ts'

/** What a caller gets: audio, and how much of it there has been. */
export interface Reply {
  /** Encoded audio; fails when it cannot be finished, and the work ends when its listener leaves. */
  readonly audio: PumpSource
  /** Most bytes of it that are to wait for the listener. */
  readonly capacity: number
  /** Seconds of audio given so far. */
  readonly seconds: number
}

/** Encoded audio, and how many seconds of it have been given. */
type Sounding = Supply<Bytes> & Disposable & Pick<Reply, 'seconds'>

export interface OutgoingOptions {
  readonly schedule: Pick<Schedule, 'stop'>
  readonly lookahead: Pick<Lookahead, 'want'>
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal
  readonly meter: Pick<RequestMeter, 'firstAudio' | 'end'> | undefined
  /** It is one of these until it has ended. */
  readonly open: Set<Outgoing>
}

/** A reply on its way out: when its listener leaves, or it fails, all work for it ends; how it ended is told once. */
export class Outgoing implements PumpSource {
  readonly #flow: Sounding
  readonly #options: OutgoingOptions
  /** What was waited for. */
  #first: Bytes | undefined
  #isSaid = false
  #stopped: { readonly reason: unknown } | undefined
  #gone: AbortController | undefined
  #breakOff: ((reason: unknown) => void) | undefined

  constructor(flow: Sounding, options: OutgoingOptions) {
    this.#flow = flow
    this.#options = options
    options.open.add(this)
    options.signal.addEventListener('abort', this, { once: true })
    if (options.signal.aborted) this.handleEvent()
  }

  /** Aborts when the work is ended before it is done, for those who can be told in no other way. */
  get gone(): AbortSignal {
    this.#gone ??= new AbortController()
    if (this.#stopped) this.#gone.abort(this.#stopped.reason)
    return this.#gone.signal
  }

  /** Gives the reply once its first audio is there. */
  async begun(capacity: number): Promise<Reply> {
    this.#first = await nextOf(this)
    if (!this.#first) throw this.#failed(nothingToSay())
    this.#options.meter?.firstAudio()
    return new Begun(this, capacity)
  }

  /** Seconds of audio given so far. */
  get seconds(): number {
    return this.#flow.seconds
  }

  get isOver(): boolean {
    return this.#isSaid && this.#first === undefined
  }

  take(): Bytes | undefined {
    const first = this.#first
    this.#first = undefined
    return first ?? this.#next()
  }

  wait(waiter: Waiter): void {
    this.#options.lookahead.want(true)
    this.#flow.wait(waiter)
  }

  ended(): void {
    this.#options.meter?.end('ok')
    this.#close()
  }

  left(reason: unknown): void {
    this.#options.meter?.end('caller')
    this.#end(reason ?? callerLeft())
  }

  /** Does what must be done for it, and fails with what that throws. */
  orFail(work: () => void): void {
    try {
      work()
    } catch (thrown) {
      throw this.#failed(thrown)
    }
  }

  /** Has it fail, whatever it is at, and its connection be reset though its listener reads nothing. */
  fail(reason: SpeechError): void {
    this.#end(reason)
    if (this.#first === undefined) this.#breakOff?.(this.#failed(reason)) // else it fails once that is taken
  }

  onBreak(breakOff: (reason: unknown) => void): void {
    this.#breakOff = breakOff
  }

  /** The caller's signal has aborted. */
  handleEvent(): void {
    this.#end(this.#options.signal.reason)
  }

  #next(): Bytes | undefined {
    try {
      if (this.#stopped) throw this.#stopped.reason // what was stopped ends too, but has not been said
      const bytes = this.#flow.take()
      if (bytes) this.#options.lookahead.want(false)
      this.#isSaid = this.#flow.isOver
      return bytes
    } catch (thrown) {
      throw this.#failed(thrown)
    }
  }

  #failed(thrown: unknown): SpeechError {
    const { signal, meter } = this.#options
    this.#end(thrown)
    const error = signal.aborted ? callerLeft(thrown) : SpeechError.from(thrown)
    meter?.end(outcomeOf(error))
    return error
  }

  #end(reason: unknown): void {
    if (this.#stopped) return
    this.#stopped = { reason }
    this.#gone?.abort(reason)
    this.#options.schedule.stop(reason)
    this.#close()
  }

  #close(): void {
    this.#options.open.delete(this)
    this.#options.signal.removeEventListener('abort', this)
    this.#flow[Symbol.dispose]()
  }
}

class Begun implements Reply {
  readonly audio: Outgoing
  readonly capacity: number

  constructor(audio: Outgoing, capacity: number) {
    this.audio = audio
    this.capacity = capacity
  }

  get seconds(): number {
    return this.audio.seconds
  }
}

const nothingToSay = () =>
  new SpeechError('Nothing to say: the text holds no letter, number or other sign that the voice can speak', {
    code: 'invalid',
    source: 'client',
    field: 'input',
  })

const callerLeft = (cause?: unknown) =>
  new SpeechError('Caller went away', { code: 'cancelled', source: 'client', cause })
