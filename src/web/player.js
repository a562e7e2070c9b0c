import { createDecoder, DEFAULT_RATES, wavFormat } from './decode.js'
import { joinBytes } from './join-bytes.js'
import { openSink, startClock } from './sink.js'

/** Audio that must be there before it is heard: the base of SPEC's jitter buffer. */
const PREBUFFER_MS = 80

/** @typedef {'idle' | 'waiting' | 'playing' | 'done' | 'stopped' | 'failed'} State */

/**
 * @typedef {object} Counters
 * @property {State} state
 * @property {number} rate Samples a second; 0 before the first.
 * @property {number} bytes Received.
 * @property {number} received Samples received.
 * @property {number} played Samples that left for the loudspeaker.
 * @property {number} peak Largest played level, 0 to 1.
 * @property {number} rms Root mean square of what was played, 0 to 1.
 * @property {number} underruns How often the loudspeaker waited for the network.
 * @property {number | undefined} firstByteMs From the call of `speak()` to the first byte.
 * @property {number | undefined} firstAudioMs From the call of `speak()` to the first audible sample, as scheduled
 *   on the audio clock; the sound card's own delay is not in it.
 * @property {number | undefined} totalMs From the call of `speak()` to the last byte.
 */

/** A refused, cut or unplayable speech, in words for its reader. */
export class SpeakError extends Error {
  /** @override */
  name = 'SpeakError'

  /**
   * @param {string} message
   * @param {{ status?: number, code?: string, cause?: unknown }} [options] What the server said, where it did.
   */
  constructor(message, { status, code, cause } = {}) {
    super(message, { cause })
    this.status = status
    this.code = code
  }
}

/** Speaks through `POST /v1/audio/speech` and plays the reply while it arrives, one speech at a time. */
export class Player {
  #run = newRun()
  #clock
  #url
  #onSamples
  #onState

  /**
   * @param {object} [options]
   * @param {URL | string} [options.url] The speech route.
   * @param {import('./decode.js').OnSamples} [options.onSamples] Sees samples when they arrive, ahead of being heard.
   * @param {(state: State) => void} [options.onState]
   */
  constructor({ url = new URL('../v1/audio/speech', import.meta.url), onSamples, onState } = {}) {
    this.#url = url
    this.#onSamples = onSamples ?? (() => {})
    this.#onState = onState ?? (() => {})
  }

  /** @returns {Counters} Of the present speech, or of the last one. */
  get counters() {
    const { state, rate, bytes, received, report, firstByteMs, firstAudioMs, totalMs } = this.#run
    const { played, peak, power, underruns } = report
    const rms = Math.sqrt(power / Math.max(1, played))
    return { state, rate, bytes, received, played, peak, rms, underruns, firstByteMs, firstAudioMs, totalMs }
  }

  /** True until nothing more will be heard, after a cut stream too. */
  get isSounding() {
    return this.#run.isSounding
  }

  /**
   * What was received so far as a file; a WAV gets its true sizes, which no stream can know.
   * @returns {File}
   */
  get recording() {
    const { parts, format, type } = this.#run
    return new File(format === 'wav' ? withSizes(parts) : parts, `speech.${format}`, { type })
  }

  /**
   * Starts the audio clock ahead of need, which takes a tenth of a second; call it from a click or a key, or else
   * browsers keep it silent.
   */
  async prepare(rate = DEFAULT_RATES.pcm) {
    if (this.#clock?.rate !== rate) {
      this.#clock?.context.close()
      this.#clock = undefined // also when the next line throws
      const context = new AudioContext({ sampleRate: rate, latencyHint: 'interactive' })
      this.#clock = { rate, context, ready: startClock(context) }
    }
    return await this.#clock.ready
  }

  /**
   * Says what `request` (the JSON of the speech route) asks for; a former speech is stopped first. Resolves when the
   * last sample has been played, or when it was stopped. Rejects with a `SpeakError` at once when the server
   * refuses or the stream is cut; what came before the cut is still heard.
   * @param {{ input: string, voice: string, response_format: keyof typeof DEFAULT_RATES, sample_rate?: number }} request
   */
  async speak(request) {
    this.stop()
    const run = newRun(request.response_format)
    this.#run = run
    run.startedAt = performance.now()
    run.isSounding = true
    this.#enter(run, 'waiting')
    this.prepare(request.sample_rate ?? DEFAULT_RATES[run.format]).catch(() => {}) // told when it is needed
    try {
      await this.#receive(run, request)
      await this.#finish(run)
      this.#enter(run, 'done')
    } catch (thrown) {
      if (run.state === 'stopped') return
      run.abort.abort() // what cannot be decoded need not be sent
      this.#finish(run).catch(() => {}) // what came before the cut
      this.#enter(run, 'failed')
      throw explained(thrown)
    }
  }

  /** Ends the request and the sound at once. */
  stop() {
    const run = this.#run
    if (!run.isSounding) return
    run.abort.abort()
    run.decoder?.cancel()
    run.sink?.post('stop')
    run.drained.resolve()
    run.isSounding = false
    run.isStopped = true
    if (run.state !== 'failed') this.#enter(run, 'stopped')
  }

  async #receive(run, request) {
    const { signal } = run.abort
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal,
    }).catch((cause) => {
      throw new SpeakError('The server cannot be reached', { cause })
    })
    if (!response.ok) throw await refusal(response)
    run.type = response.headers.get('content-type') ?? ''
    run.decoder = createDecoder(run.format, {
      contentType: run.type,
      onSamples: (samples, rate) => this.#take(run, { samples, rate }),
    })
    const reader = response.body.getReader()
    // Read as fast as it comes, however long it is: the download needs all of it anyhow.
    for (let value; (value = await nextChunk(reader, run)); ) {
      run.firstByteMs ??= performance.now() - run.startedAt
      run.bytes += value.length
      run.parts.push(value)
      run.decoder.push(value)
    }
    run.totalMs = performance.now() - run.startedAt
    await run.decoder.end()
    if (run.received === 0) throw new SpeakError('The reply holds no audio')
  }

  #take(run, { samples, rate }) {
    if (run.isStopped) return
    run.received += samples.length
    this.#onSamples(samples, rate)
    run.queue.push(samples)
    run.rate ||= rate
    run.opened ??= this.#open(run)
    run.opened.catch(() => {}) // told at the end: what cannot be played can still be received
    if (run.sink) flush(run)
  }

  /** Puts the run on the audio clock; another rate than foretold starts another clock. */
  async #open(run) {
    const context = await this.prepare(run.rate)
    if (run.isStopped) return
    run.sink = openSink(context, {
      prebuffer: Math.round((run.rate * PREBUFFER_MS) / 1000),
      onReport: (report) => this.#hear(run, { report, context }),
    })
    flush(run)
  }

  #hear(run, { report, context }) {
    run.report = report
    if (report.heardAt >= 0 && run.firstAudioMs === undefined) {
      // The message comes later than the sound: the difference of the two clocks takes that out. The clock in turn
      // is a buffer ahead of what leaves it, and more so while it catches up after its start.
      const ago = context.currentTime - report.heardAt - context.baseLatency
      run.firstAudioMs = Math.max(run.firstByteMs, performance.now() - ago * 1000 - run.startedAt)
    }
    if (report.played > 0 && run.state === 'waiting') this.#enter(run, 'playing')
    if (!report.drained) return
    run.sink.close()
    run.drained.resolve()
  }

  /** Plays to the end of what was received. */
  async #finish(run) {
    try {
      await run.opened
      run.sink?.post('end')
      if (run.sink) await run.drained.promise
    } finally {
      run.isSounding = false
      if (run.state === 'failed') this.#enter(run, 'failed')
    }
  }

  #enter(run, state) {
    if (run.state === 'stopped') return
    run.state = state
    if (run === this.#run) this.#onState(state)
  }
}

function newRun(format = 'pcm') {
  return {
    format,
    state: /** @type {State} */ ('idle'),
    abort: new AbortController(),
    startedAt: 0,
    isSounding: false,
    isStopped: false,
    type: '',
    rate: 0,
    bytes: 0,
    received: 0,
    /** @type {Uint8Array[]} */
    parts: [],
    /** @type {Float32Array[]} Waiting for the audio clock to start. */
    queue: [],
    report: { played: 0, peak: 0, power: 0, underruns: 0, heardAt: -1, drained: false },
    /** @type {PromiseWithResolvers<void>} */
    drained: Promise.withResolvers(),
    decoder: undefined,
    opened: undefined,
    sink: undefined,
    firstByteMs: undefined,
    firstAudioMs: undefined,
    totalMs: undefined,
  }
}

function flush({ queue, sink }) {
  for (const samples of queue.splice(0)) sink.post(samples)
}

/** Writes into a streamed WAV's header how long it has become. */
function withSizes(parts) {
  const file = joinBytes(parts)
  const start = wavFormat(file)?.start
  if (start === undefined) return [file]
  const fields = new DataView(file.buffer)
  fields.setUint32(4, file.length - 8, true)
  fields.setUint32(start - 4, file.length - start, true)
  return [file]
}

async function refusal(response) {
  const { error } = await response.json().catch(() => ({}))
  const { status, statusText } = response
  const message = error?.message ?? `The server answered ${status} ${statusText}`.trim()
  return new SpeakError(message, { status, code: error?.code ?? undefined })
}

/** Gives undefined at a clean end only. */
async function nextChunk(reader, { received, rate }) {
  try {
    return (await reader.read()).value
  } catch (cause) {
    const seconds = (received / (rate || 1)).toFixed(1)
    throw new SpeakError(`The stream was cut after ${seconds} s of audio: the speech is not complete`, {
      cause,
    })
  }
}

const explained = (thrown) =>
  thrown instanceof SpeakError ? thrown : new SpeakError(`${thrown?.message ?? thrown}`, { cause: thrown })
