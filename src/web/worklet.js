// Runs on the audio thread: no allocation per quantum, no import.

/** Quanta of 128 samples between two reports: 21 ms at 24 kHz, enough for a smooth play head. */
const REPORT_EVERY = 4
/** Below this a sample counts as silence: -50 dB of full scale. */
const AUDIBLE = 0.003

/**
 * Plays Float32Arrays in the order they are posted, without a gap between them. It starts when `prebuffer` samples are
 * there, and again so after it ran dry. Posting `'end'` lets it finish, `'stop'` silences it within one quantum.
 */
class SpeechProcessor extends AudioWorkletProcessor {
  #prebuffer
  #queue = []
  #offset = 0
  #queued = 0
  #running = false
  #ended = false
  #stopped = false
  #quanta = 0
  #report = { played: 0, peak: 0, power: 0, underruns: 0, heardAt: -1, drained: false }

  constructor({ processorOptions: { prebuffer } }) {
    super()
    this.#prebuffer = prebuffer
    this.port.onmessage = ({ data }) => this.#take(data)
  }

  process(_inputs, [[output]]) {
    if (this.#ended || this.#queued >= this.#prebuffer) this.#running = true
    const filled = this.#running ? this.#fill(output) : 0
    if (this.#stopped) fadeOut(output)
    this.#measure(output, filled)
    const isDry = this.#running && filled < output.length
    if (isDry && !this.#ended) {
      this.#report.underruns++
      this.#running = false
    }
    this.#report.drained = this.#stopped || (isDry && this.#ended)
    if (this.#report.drained || ++this.#quanta % REPORT_EVERY === 0) this.port.postMessage(this.#report)
    return !this.#report.drained
  }

  #take(data) {
    if (data === 'end') this.#ended = true
    else if (data === 'stop') this.#stopped = true
    else {
      this.#queue.push(data)
      this.#queued += data.length
    }
  }

  /** Gives how many samples there were; the rest of `output` stays silent. */
  #fill(output) {
    let filled = 0
    while (filled < output.length && this.#queue.length > 0) {
      const chunk = this.#queue[0]
      const count = Math.min(output.length - filled, chunk.length - this.#offset)
      for (let i = 0; i < count; i++) output[filled + i] = chunk[this.#offset + i]
      filled += count
      this.#offset += count
      if (this.#offset < chunk.length) continue
      this.#queue.shift()
      this.#offset = 0
    }
    this.#queued -= filled
    return filled
  }

  #measure(output, filled) {
    const report = this.#report
    for (let i = 0; i < filled; i++) {
      const level = Math.abs(output[i])
      if (level > report.peak) report.peak = level
      if (level > AUDIBLE && report.heardAt < 0) report.heardAt = currentTime + i / sampleRate
      report.power += level * level
    }
    report.played += filled
  }
}

/** Down to nothing over one quantum, so that a stop does not click. */
function fadeOut(output) {
  for (let i = 0; i < output.length; i++) output[i] *= 1 - (i + 1) / output.length
}

registerProcessor('speech', SpeechProcessor)
