/** Below this a sample counts as silence: -50 dB of full scale. */
const AUDIBLE = 0.003

/**
 * @typedef {object} Report
 * @property {number} played Samples given out so far.
 * @property {number} peak The largest of them, 0 to 1.
 * @property {number} power The sum of their squares.
 * @property {number} underruns How often there were none though the end had not come.
 * @property {number} heardAt When the first audible one is played, in the audio clock's seconds; -1 before.
 * @property {boolean} drained True when there will be no more.
 */

/**
 * Gives out samples in the order they were taken in, without a gap between them. It begins when `prebuffer` of them
 * are there, and again so after it ran dry. Runs on the audio thread: no allocation while filling.
 */
export class SpeechQueue {
  #prebuffer
  /** @type {Float32Array[]} */
  #chunks = []
  #offset = 0
  #queued = 0
  #isRunning = false
  #hasEnded = false
  #isStopped = false
  /** @type {Report} */
  #report = { played: 0, peak: 0, power: 0, underruns: 0, heardAt: -1, drained: false }

  constructor({ prebuffer }) {
    this.#prebuffer = prebuffer
  }

  /** @param {Float32Array | 'end' | 'stop'} next Samples, or to finish what is there, or to end with what is being filled. */
  take(next) {
    if (next === 'end') this.#hasEnded = true
    else if (next === 'stop') this.#isStopped = true
    else {
      this.#chunks.push(next)
      this.#queued += next.length
    }
  }

  /**
   * Fills `output`, which is silent where there is nothing to give.
   * @param {Float32Array} output
   * @param {{ time: number, rate: number }} clock When its first sample is played.
   * @returns {Report} The same object each time.
   */
  fill(output, { time, rate }) {
    if (this.#hasEnded || this.#queued >= this.#prebuffer) this.#isRunning = true
    const filled = this.#isRunning ? this.#copy(output) : 0
    if (this.#isStopped) fadeOut(output)
    this.#measure(output, { filled, time, rate })
    const isDry = this.#isRunning && filled < output.length
    if (isDry && !this.#hasEnded) {
      this.#report.underruns++
      this.#isRunning = false
    }
    this.#report.drained = this.#isStopped || (isDry && this.#hasEnded)
    return this.#report
  }

  #copy(output) {
    let filled = 0
    while (filled < output.length && this.#chunks.length > 0) {
      const chunk = this.#chunks[0]
      const count = Math.min(output.length - filled, chunk.length - this.#offset)
      for (let i = 0; i < count; i++) output[filled + i] = chunk[this.#offset + i]
      filled += count
      this.#offset += count
      if (this.#offset < chunk.length) continue
      this.#chunks.shift()
      this.#offset = 0
    }
    this.#queued -= filled
    return filled
  }

  #measure(output, { filled, time, rate }) {
    const report = this.#report
    for (let i = 0; i < filled; i++) {
      const level = Math.abs(output[i])
      if (level > report.peak) report.peak = level
      if (level > AUDIBLE && report.heardAt < 0) report.heardAt = time + i / rate
      report.power += level * level
    }
    report.played += filled
  }
}

/** Down to nothing, so that a stop does not click. */
function fadeOut(output) {
  for (let i = 0; i < output.length; i++) output[i] *= 1 - (i + 1) / output.length
}
