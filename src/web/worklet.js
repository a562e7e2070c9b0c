// @ts-nocheck: TypeScript's libraries do not know the audio thread.
import { SpeechQueue } from './speech-queue.js'

/** Quanta of 128 samples between two reports: 21 ms at 24 kHz, enough for a smooth play head. */
const REPORT_EVERY = 4

/** Plays what is posted to it (see `SpeechQueue.take`) and posts a `Report` every now and then, and at the end. */
class SpeechProcessor extends AudioWorkletProcessor {
  #queue
  #quanta = 0

  constructor({ processorOptions }) {
    super()
    this.#queue = new SpeechQueue(processorOptions)
    this.port.onmessage = ({ data }) => this.#queue.take(data)
  }

  process(_inputs, [[output]]) {
    const report = this.#queue.fill(output, { time: currentTime, rate: sampleRate })
    if (report.drained || ++this.#quanta % REPORT_EVERY === 0) this.port.postMessage(report)
    return !report.drained
  }
}

registerProcessor('speech', SpeechProcessor)
