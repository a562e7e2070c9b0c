import { SpeechError } from '../errors.ts'
import { BUSY_MS } from '../hosts/remote/retry-after.ts'
import type { Clause, Guard, Signal } from '../speech.ts'
import { Circuit, type CircuitOptions, type CircuitState, type Pass } from './circuit.ts'
import { mayBeTheText } from './may-be-the-text.ts'
import { type Watcher, watched } from './watched.ts'

/** What has just opened, and why. */
export interface Opened {
  /** Absent when it is the host as a whole. */
  readonly voice?: string | undefined
  /** The failure that was one too many. */
  readonly cause: SpeechError
  /** How long it is left alone, in milliseconds. */
  readonly ms: number
}

export interface BreakerOptions extends CircuitOptions {
  /** How many voices are watched at once; the one that was used longest ago is forgotten first. @default 256 */
  readonly voices?: number
  readonly onOpen?: (opened: Opened) => void
  /** Told of each failure of the host's own, before it is counted. */
  readonly onFailure?: ((error: SpeechError) => void) | undefined
  /** Told how long the host asked to be left in peace, in milliseconds. */
  readonly onPause?: (ms: number) => void
}

/** A host that asks for more is asked again nevertheless: it may have been restarted. */
const LONGEST_PAUSE_MS = 60_000
/** When to come again while another caller's probe is under way. */
const PROBING_MS = 1_000

/**
 * Leaves a host alone that fails, and a voice of it that does. Only the host's own faults count, once a request and once
 * a text where that may be at fault, those of one voice against that voice alone; a caller's, sotto's and a caller who
 * leaves count for nobody. A host that is busy (429), or
 * says when to come again, is paused and has not failed. A call is good when its audio has ended well.
 */
export class Breaker {
  readonly #host: string
  readonly #options: BreakerOptions
  readonly #whole: Circuit
  readonly #voices = new Map<string, Circuit>()

  constructor(host: string, options: BreakerOptions = {}) {
    this.#host = host
    this.#options = options
    this.#whole = new Circuit(options)
  }

  /** Of the host as a whole. */
  get state(): CircuitState {
    return this.#whole.state
  }

  /** Whether a voice is left alone, by itself or with the host as a whole. */
  isLeftAlone(voice: string): boolean {
    return this.state === 'open' || this.#voices.get(voice)?.state === 'open'
  }

  /** How many voices are left alone by themselves. */
  get voicesLeftAlone(): number {
    return [...this.#voices.values()].filter(({ state }) => state === 'open').length
  }

  /** How many voices are watched. */
  get voices(): number {
    return this.#voices.size
  }

  /** Knows nothing any more: the host has been started again. */
  reset(): void {
    this.#whole.reset()
    this.#voices.clear()
  }

  /** Whether a call with `voice` may be made now; true for a probe that is due, and for all of the request that is it. */
  allows(voice: string, request?: unknown): boolean {
    return this.#whole.allows(request) && (this.#voices.get(voice)?.allows(request) ?? true)
  }

  /** When a call with `voice` may be made, in milliseconds from now; 0 when it may. */
  retryAfterMs(voice: string): number {
    if (this.allows(voice)) return 0
    return Math.max(this.#whole.waitMs, this.#voices.get(voice)?.waitMs ?? 0) || PROBING_MS
  }

  /** Refuses calls at once that the breaker does not allow, as `unavailable` of the proxy; counts how the others end. */
  readonly guard: Guard = (next) => async (clause, options) => {
    const { voice } = clause
    const request = options.claim?.request ?? clause // who has no claim is a request of its own
    if (!this.allows(voice, request)) throw this.#refusal(clause, request)
    const call = new Call({
      voice,
      text: clause.spoken,
      request,
      signal: options.signal,
      ofHost: this.#whole.enter(request),
      ofVoice: this.#voices.get(voice)?.enter(request),
      onFailed: this.#failed,
    })
    const pcm = await next(clause, options).catch((thrown) => {
      call.failed(thrown)
      throw thrown
    })
    return watched(pcm, call)
  }

  readonly #failed = (call: Call, error: SpeechError): void => {
    const { source, code, scope, retryAfterMs } = error
    if (source === 'host') this.#options.onFailure?.(error)
    const isBusy = code === 'exhausted' || retryAfterMs !== undefined
    if (source !== 'host' || isBusy) call.left()
    else if (scope === 'voice') this.#failedVoice(call, error)
    else this.#failedHost(call, error)
    if (source === 'host' && isBusy) {
      this.#options.onPause?.(Math.min(retryAfterMs ?? BUSY_MS, LONGEST_PAUSE_MS))
    }
  }

  #failedHost(call: Call, cause: SpeechError): void {
    const { ofHost, ofVoice } = call
    ofVoice?.leave()
    if (!ofHost.fail(...marksOf(call, cause))) return
    this.#options.onOpen?.({ cause, ms: this.#whole.openMs })
  }

  #failedVoice(call: Call, cause: SpeechError): void {
    const { voice, request, ofHost, ofVoice } = call
    ofHost.leave()
    const circuit = this.#watch(voice)
    const pass = ofVoice ?? (circuit.state === 'closed' ? circuit.enter(request) : undefined)
    if (!pass?.fail(...marksOf(call, cause))) return
    this.#options.onOpen?.({ voice, cause, ms: circuit.openMs })
  }

  /** Voices are watched from their first failure on. */
  #watch(voice: string): Circuit {
    const circuit = this.#voices.get(voice) ?? new Circuit(this.#options)
    this.#voices.delete(voice)
    this.#voices.set(voice, circuit)
    const [oldest] = this.#voices.keys()
    if (this.#voices.size > (this.#options.voices ?? 256)) this.#voices.delete(oldest!)
    return circuit
  }

  #refusal({ voice }: Clause, request: unknown): SpeechError {
    const retryAfterMs = this.retryAfterMs(voice)
    const scope = this.#whole.allows(request) ? 'voice' : 'host'
    const whom = scope === 'host' ? `Host "${this.#host}"` : `Voice "${voice}" of host "${this.#host}"`
    const message = `${whom} is left alone for ${Math.ceil(retryAfterMs / 1000)} s: its last calls failed`
    return new SpeechError(message, {
      code: 'unavailable',
      source: 'proxy', // so that nobody counts it again
      retryable: true,
      scope,
      retryAfterMs,
    })
  }
}

interface CallOptions extends Pick<Call, 'voice' | 'text' | 'request' | 'ofHost' | 'ofVoice'> {
  /** The caller's. */
  readonly signal: Signal
  readonly onFailed: (call: Call, error: SpeechError) => void
}

/** A call that was let through. */
class Call implements Watcher {
  readonly voice: string
  readonly text: string
  /** Whose failure it would be. */
  readonly request: unknown
  readonly ofHost: Pass
  /** Absent when the voice was not watched yet. */
  readonly ofVoice: Pass | undefined
  readonly #signal: Signal
  readonly #onFailed: CallOptions['onFailed']

  constructor({ voice, text, request, ofHost, ofVoice, signal, onFailed }: CallOptions) {
    this.voice = voice
    this.text = text
    this.request = request
    this.ofHost = ofHost
    this.ofVoice = ofVoice
    this.#signal = signal
    this.#onFailed = onFailed
  }

  ended(): void {
    this.ofHost.succeed()
    this.ofVoice?.succeed()
  }

  failed(thrown: unknown): void {
    if (this.#signal.aborted) this.left()
    else this.#onFailed(this, SpeechError.from(thrown))
  }

  left(): void {
    this.ofHost.leave()
    this.ofVoice?.leave()
  }
}

/** One bad text is one failure, whoever asks for it: clients ask again by themselves. */
const marksOf = ({ request, text }: Call, cause: SpeechError): unknown[] =>
  mayBeTheText(cause) ? [request, `text ${text}`] : [request]
