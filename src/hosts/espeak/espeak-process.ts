import type { SetTimer } from '../../run/set-timer.ts'
import type { Samples, Signal } from '../../speech.ts'
import type { EspeakMessage, SayMessage, Utterance } from './espeak-messages.ts'

export interface EspeakProcessOptions {
  /** Starts the worker that speaks. */
  readonly spawn: () => Worker
  readonly setTimer: SetTimer
}

export interface SayOptions {
  /** Takes the audio, a tenth of a second at a time. */
  readonly heard: (samples: Samples) => void
  /** Stops it within a tenth of a second of audio, which is made in under a millisecond. */
  readonly signal: Signal
}

/** How long eSpeak may be silent, in milliseconds, and how much more a character; it needs a fiftieth of that. */
const PATIENCE_MS = 10_000
const PATIENCE_MS_PER_CHAR = 10
/** The same once it was told to stop. */
const STOP_MS = 1_000

/** Thrown when a worker was lost: by an exception, an abort inside eSpeak, its end, or its silence. */
export class EspeakLost extends Error {
  override readonly name = 'EspeakLost'
}

interface Waiting {
  readonly heard: (samples: Samples) => void
  patience: number
  readonly resolve: () => void
  readonly reject: (reason: EspeakLost) => void
}

/** One worker with eSpeak in it, from its start to its end. It says one thing at a time. */
export class EspeakProcess {
  /** Resolves when it can speak; rejects with `EspeakLost`. */
  readonly ready: Promise<void>
  readonly #worker: Worker
  readonly #setTimer: SetTimer
  readonly #stop = new Int32Array(new SharedArrayBuffer(4))
  #waiting: Waiting | undefined
  #callOff = () => {}
  #lost: EspeakLost | undefined

  constructor({ spawn, setTimer }: EspeakProcessOptions) {
    this.#setTimer = setTimer
    this.#worker = spawn()
    this.#worker.onmessage = ({ data }: MessageEvent<EspeakMessage>) => this.#receive(data)
    this.#worker.onerror = (event) => {
      event.preventDefault() // else Deno ends the whole program
      this.end(event.message)
    }
    // Only Bun tells of a worker's end; elsewhere its silence does.
    this.#worker.addEventListener('close', () => this.end('its worker ended'))
    this.ready = this.#free(() => {}, PATIENCE_MS)
    this.ready.catch(() => {}) // told by say(), too
  }

  get lost(): boolean {
    return this.#lost !== undefined
  }

  /** Resolves when all is said, or stopped; rejects with `EspeakLost`. To be called when it is ready and free. */
  async say(utterances: readonly Utterance[], { heard, signal }: SayOptions): Promise<void> {
    const characters = utterances.reduce((sum, { text }) => sum + text.length, 0)
    const said = this.#free(heard, PATIENCE_MS + PATIENCE_MS_PER_CHAR * characters)
    const stop = () => {
      Atomics.store(this.#stop, 0, 1)
      if (!this.#waiting) return
      this.#waiting.patience = STOP_MS // for what is under way already, too
      this.#watch(STOP_MS)
    }
    Atomics.store(this.#stop, 0, 0)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    const message: SayMessage = { say: utterances, stop: this.#stop }
    this.#worker.postMessage(message)
    await said.finally(() => signal.removeEventListener('abort', stop))
  }

  /** Ends the worker; whoever waits for it hears why. */
  end(reason: string): void {
    if (this.#lost) return
    this.#lost = new EspeakLost(`The embedded voice was lost: ${reason}`)
    this.#worker.terminate()
    this.#callOff()
    this.#waiting?.reject(this.#lost)
    this.#waiting = undefined
  }

  /** Resolves when the worker says that it is free. */
  #free(heard: (samples: Samples) => void, patience: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(this.#lost)
      this.#waiting = { heard, patience, resolve, reject }
      this.#watch(patience)
    })
  }

  #watch(ms: number): void {
    this.#callOff()
    this.#callOff = this.#setTimer(ms, () => this.end(`nothing was heard from it for ${ms} ms`))
  }

  #receive(message: EspeakMessage): void {
    const waiting = this.#waiting
    if (!waiting) return
    if ('failed' in message) {
      this.end(message.failed)
    } else if ('samples' in message) {
      this.#watch(waiting.patience)
      waiting.heard(message.samples)
    } else {
      this.#callOff()
      this.#waiting = undefined
      waiting.resolve()
    }
  }
}
