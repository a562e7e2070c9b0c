import type { CallEvent, Format } from '../speech.ts'
import type { Instruments } from './instruments.ts'
import type { Outcome } from './outcome.ts'
import { Timing } from './timing.ts'

export interface RequestMeterOptions {
  /** When the request came, in milliseconds of `now`. */
  readonly arrivedAt: number
  readonly now: () => number
  /** Told what becomes of its clauses. */
  readonly tell: (event: CallEvent) => void
  /** Told once, when the request has ended. */
  readonly onEnd: () => void
}

/** Measures one request; what is told twice counts once. */
export class RequestMeter {
  /** Where the time of this one goes, for its caller. */
  readonly timing: Timing
  readonly #route: RouteMeter
  readonly #arrivedAt: number
  readonly #now: () => number
  readonly #tell: (event: CallEvent) => void
  readonly #onEnd: () => void
  #format: Format | undefined
  #firstAudioAt: number | undefined
  #encodeMs = 0
  #ended = false

  constructor(route: RouteMeter, { arrivedAt, now, tell, onEnd }: RequestMeterOptions) {
    this.timing = new Timing({ arrivedAt, now })
    this.#route = route
    this.#arrivedAt = arrivedAt
    this.#now = now
    this.#tell = tell
    this.#onEnd = onEnd
  }

  /** Says what is asked for, once that is known. */
  speaks(format: Format): void {
    this.#format = format
  }

  /** Gives who is to be told what becomes of the clause in this place, from 0: the first is the one waited for. */
  teller(index: number): (event: CallEvent) => void {
    if (index > 0) return this.#tell
    return (event) => {
      this.#tell(event)
      this.timing.tell(event)
    }
  }

  /** The first byte of audio goes out: a container's header is none. */
  firstAudio(): void {
    if (this.#firstAudioAt !== undefined || this.#ended) return
    this.#firstAudioAt = this.#now()
    this.timing.firstAudio()
    this.#route.firstAudio((this.#firstAudioAt - this.#arrivedAt) / 1000)
  }

  /** Adds time that the encoder took. */
  encoded(ms: number): void {
    this.#encodeMs += ms
    this.timing.stage('encode', ms)
  }

  /** The reply has ended, or the request without one. */
  end(outcome: Outcome): void {
    if (this.#ended) return
    this.#ended = true
    const now = this.#now()
    this.#route.ended((now - this.#arrivedAt) / 1000, { outcome, format: this.#format })
    if (this.#encodeMs > 0) this.#route.encode(this.#encodeMs / 1000)
    if (this.#firstAudioAt !== undefined && outcome === 'ok')
      this.#route.send((now - this.#firstAudioAt) / 1000)
    this.#onEnd()
  }
}

/** One route's share of the instruments, looked up once. */
export class RouteMeter {
  readonly firstAudio: (seconds: number) => void
  readonly encode: (seconds: number) => void
  readonly send: (seconds: number) => void
  readonly #route: string
  readonly #all: Instruments
  readonly #ended = new Map<string, (seconds: number) => void>()

  constructor(route: string, all: Instruments) {
    this.#route = route
    this.#all = all
    this.firstAudio = all.firstAudioSeconds.labels({ route }).observe
    this.encode = all.stageSeconds.labels({ stage: 'encode' }).observe
    this.send = all.stageSeconds.labels({ stage: 'send' }).observe
  }

  ended(seconds: number, labels: { readonly outcome: Outcome; readonly format: Format | undefined }): void {
    const { outcome, format = 'none' } = labels
    const key = `${outcome} ${format}`
    let observe = this.#ended.get(key)
    if (!observe) {
      observe = this.#all.requestSeconds.labels({ route: this.#route, outcome, format }).observe
      this.#ended.set(key, observe)
    }
    observe(seconds)
  }
}
