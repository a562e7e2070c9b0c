import { SpeechQueue } from './speech-queue.js'

/**
 * @typedef {object} Sink
 * @property {(next: Float32Array | 'end' | 'stop') => void} post Samples are given away: the caller's array is empty after it.
 * @property {() => void} close
 */

/** A script's buffer: long enough that a busy page does not tear it. */
const SCRIPT_SAMPLES = 1024

/** Starts a context's clock, and loads what {@link openSink} needs; resolves when both are done. */
export async function startClock(context) {
  const module = new URL('./worklet.js', import.meta.url)
  await Promise.all([context.resume(), context.audioWorklet?.addModule(module)])
  return context
}

/**
 * Opens a way to the loudspeaker: on the audio thread, or on the page's own where browsers allow no other, which is
 * every page that came over plain http from elsewhere than localhost.
 * @param {AudioContext} context
 * @param {{ prebuffer: number, onReport: (report: import('./speech-queue.js').Report) => void }} options
 * @returns {Sink}
 */
export function openSink(context, options) {
  return context.audioWorklet ? workletSink(context, options) : scriptSink(context, options)
}

function workletSink(context, { prebuffer, onReport }) {
  const node = new AudioWorkletNode(context, 'speech', {
    numberOfInputs: 0,
    outputChannelCount: [1],
    processorOptions: { prebuffer },
  })
  node.port.onmessage = ({ data }) => onReport(data)
  node.connect(context.destination)
  return {
    post: (next) => node.port.postMessage(next, next.buffer ? [next.buffer] : []),
    close: () => node.disconnect(),
  }
}

function scriptSink(context, { prebuffer, onReport }) {
  const queue = new SpeechQueue({ prebuffer })
  const node = context.createScriptProcessor(SCRIPT_SAMPLES, 0, 1)
  node.onaudioprocess = ({ outputBuffer, playbackTime: time }) =>
    onReport({ ...queue.fill(outputBuffer.getChannelData(0), { time, rate: context.sampleRate }) })
  node.connect(context.destination)
  return {
    post: (next) => queue.take(next),
    close: () => {
      node.onaudioprocess = null
      node.disconnect()
    },
  }
}
