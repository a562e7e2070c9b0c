import type { Code } from '../errors.ts'
import type { CallEvent, SpeechFailure } from '../speech.ts'
import type { Instruments } from './instruments.ts'
import { FAULTS, faultOf } from './outcome.ts'

/** What happens at one host. */
export type HostEvent = Exclude<CallEvent, { readonly type: 'joined' }>

const CODES: Readonly<Record<Code, true>> = {
  invalid: true,
  'not-found': true,
  'too-large': true,
  exhausted: true,
  cancelled: true,
  internal: true,
  upstream: true,
  unavailable: true,
  overloaded: true,
  timeout: true,
}
/** A label is a code of ours or `internal`: a thrown thing's words never become one. */
const codeOf = ({ code }: SpeechFailure): string => (Object.hasOwn(CODES, code) ? code : 'internal')

const STAGES = ['queue', 'host_first_audio', 'host_total'] as const

type Count = (by?: number) => void

/** One host's share of the instruments, looked up once: an event is then cheap. */
export class HostMeter {
  readonly #host: string
  readonly #all: Instruments
  readonly #queue: (seconds: number) => void
  readonly #firstAudio: (seconds: number) => void
  readonly #total: (seconds: number) => void
  readonly #realTimeFactor: (factor: number) => void
  readonly #batchSize: (size: number) => void
  readonly #ok: Count
  readonly #failed: Count
  readonly #left: Count
  readonly #audioSeconds: Count
  readonly #hedges: Count
  readonly #degraded: Count
  readonly #expired: Count
  readonly #errors: (error: SpeechFailure) => void
  readonly #retries: (error: SpeechFailure) => void
  readonly #refused: (error: SpeechFailure) => void

  constructor(host: string, all: Instruments) {
    this.#host = host
    this.#all = all
    const stage = (name: (typeof STAGES)[number]) => finite(all.stageSeconds.labels({ stage: name, host }))
    this.#queue = stage('queue')
    this.#firstAudio = stage('host_first_audio')
    this.#total = stage('host_total')
    this.#realTimeFactor = finite(all.realTimeFactor.labels({ host }))
    this.#batchSize = finite(all.batchSize.labels({ host }))
    this.#ok = fromZero(all.hostCalls.labels({ host, outcome: 'ok' }))
    this.#failed = fromZero(all.hostCalls.labels({ host, outcome: 'failed' }))
    this.#left = fromZero(all.hostCalls.labels({ host, outcome: 'left' }))
    this.#audioSeconds = fromZero(all.audioSeconds.labels({ host }))
    this.#hedges = fromZero(all.hedges.labels({ host }))
    this.#degraded = fromZero(all.degraded.labels({ host }))
    this.#expired = fromZero(all.expired.labels({ host }))
    this.#errors = (error) => all.hostErrors.inc({ host, code: codeOf(error), class: faultOf(error.source) })
    this.#retries = (error) => all.retries.inc({ host, code: codeOf(error) })
    this.#refused = (error) => all.refused.inc({ host, code: codeOf(error) })
  }

  tell(event: HostEvent): void {
    switch (event.type) {
      case 'queued':
        this.#queue(event.ms / 1000)
        break
      case 'first-audio':
        this.#firstAudio(event.ms / 1000)
        break
      case 'said':
        this.#said(event.ms / 1000, event.audioSeconds)
        break
      case 'failed':
        this.#failed()
        this.#errors(event.error)
        break
      case 'left':
        this.#left()
        break
      case 'retried':
        this.#retries(event.error)
        break
      case 'hedged':
        this.#hedges()
        break
      case 'refused':
        this.#refused(event.error)
        break
      case 'expired':
        this.#expired()
        break
      case 'degraded':
        this.#degraded()
        break
    }
  }

  /** Counts a call of so many clauses. */
  batch(size: number): void {
    this.#batchSize(size)
  }

  /** Takes all that has been counted here out of the instruments; what is told after that is shown anew. */
  remove(): void {
    const [host, all] = [this.#host, this.#all]
    for (const stage of STAGES) all.stageSeconds.remove({ stage, host })
    for (const outcome of ['ok', 'failed', 'left']) all.hostCalls.remove({ host, outcome })
    for (const code of Object.keys(CODES)) {
      all.retries.remove({ host, code })
      all.refused.remove({ host, code })
      for (const fault of FAULTS) all.hostErrors.remove({ host, code, class: fault })
    }
    const others = [
      all.realTimeFactor,
      all.batchSize,
      all.audioSeconds,
      all.hedges,
      all.degraded,
      all.expired,
    ]
    for (const instrument of others) instrument.remove({ host })
  }

  #said(seconds: number, audioSeconds: number): void {
    this.#ok()
    this.#total(seconds)
    if (!(audioSeconds > 0 && audioSeconds < Infinity)) return
    this.#audioSeconds(audioSeconds)
    this.#realTimeFactor(seconds / audioSeconds)
  }
}

/** Takes no number that is none: prom-client would throw into the path of the audio. */
const finite =
  ({ observe }: { observe: (value: number) => void }) =>
  (value: number): void => {
    if (Number.isFinite(value)) observe(value)
  }

/** Shows a count that is still 0, so that a rate sees its first step. */
function fromZero({ inc }: { inc: Count }): Count {
  inc(0)
  return inc
}
