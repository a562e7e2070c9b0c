import { flacDemuxer, mp3Demuxer, oggOpusDemuxer } from './demux.js'
import { joinBytes } from './join-bytes.js'

/**
 * @callback OnSamples
 * @param {Float32Array} samples Mono, -1 to 1.
 * @param {number} rate Samples a second; the same in every call.
 */

/**
 * @typedef {object} Decoder
 * @property {(bytes: Uint8Array) => void} push Takes bytes as they arrive, cut anywhere.
 * @property {() => Promise<void>} end Resolves when the last sample is given.
 * @property {() => void} cancel Gives no more samples.
 */

const DEMUXERS = { mp3: mp3Demuxer, opus: oggOpusDemuxer, flac: flacDemuxer }

/** The rate that each format comes in when none is asked for: `Player` starts its clock at it. */
export const DEFAULT_RATES = { pcm: 24_000, wav: 24_000, mp3: 24_000, opus: 48_000, flac: 24_000 }

/**
 * Turns a reply's bytes into samples while they arrive. MP3, Opus and FLAC need WebCodecs for that (a secure
 * context); without it they are decoded whole, at the end.
 * @param {keyof typeof DEFAULT_RATES} format
 * @param {{ contentType: string, onSamples: OnSamples }} options
 * @returns {Decoder}
 */
export function createDecoder(format, { contentType, onSamples }) {
  if (format === 'pcm') return pcm16(rateOf(contentType) ?? DEFAULT_RATES.pcm, { onSamples })
  if (format === 'wav') return wav({ onSamples })
  if ('AudioDecoder' in globalThis) return coded(DEMUXERS[format](), { onSamples })
  return whole(DEFAULT_RATES[format], { onSamples })
}

/** Reads the rate of types such as `audio/pcm;rate=24000`. */
const rateOf = (contentType) => Number(/rate=(\d+)/.exec(contentType)?.[1]) || undefined

/** Signed 16-bit little-endian mono. */
function pcm16(rate, { onSamples }) {
  let odd = new Uint8Array(0)
  return {
    push(bytes) {
      const all = joinBytes([odd, bytes])
      const count = all.length >> 1
      odd = all.slice(count * 2) // half a sample waits for its other byte
      const view = new DataView(all.buffer)
      const samples = Float32Array.from({ length: count }, (_, i) => view.getInt16(i * 2, true) / 32_768)
      if (count > 0) onSamples(samples, rate)
    },
    end: async () => {},
    cancel: () => {},
  }
}

/** A WAV stream of 16-bit mono, whatever its header says of its length. */
function wav({ onSamples }) {
  let head = new Uint8Array(0)
  let samples
  return {
    push(bytes) {
      if (samples) return samples.push(bytes)
      head = joinBytes([head, bytes])
      const found = wavFormat(head)
      if (!found) return
      samples = pcm16(found.rate, { onSamples })
      samples.push(head.subarray(found.start))
    },
    async end() {
      if (!samples) throw new Error('The reply is not WAV')
    },
    cancel: () => {},
  }
}

/** Gives a WAV's rate, and where its samples start; undefined while that has not arrived. */
export function wavFormat(bytes) {
  const view = new DataView(bytes.buffer)
  const idAt = (at) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (bytes.length >= 12 && (idAt(0) !== 'RIFF' || idAt(8) !== 'WAVE'))
    throw new Error('The reply is not WAV')
  let rate
  for (let at = 12; at + 8 <= bytes.length; at += 8 + view.getUint32(at + 4, true)) {
    if (idAt(at) === 'data') return { rate, start: at + 8 }
    if (idAt(at) === 'fmt ' && at + 24 <= bytes.length) rate = view.getUint32(at + 12, true)
  }
}

/** Packets out of a container, decoded by the browser. */
function coded(demuxer, { onSamples }) {
  let failure
  let skip
  let packets = 0
  const decoder = new AudioDecoder({
    output: (audio) => {
      const { numberOfFrames, sampleRate } = audio // nothing is left of them once it is closed
      const samples = new Float32Array(numberOfFrames)
      audio.copyTo(samples, { planeIndex: 0, format: 'f32-planar' })
      audio.close()
      skip ??= demuxer.skip()
      const heard = samples.subarray(skip)
      skip -= samples.length - heard.length
      if (heard.length > 0) onSamples(heard.slice(), sampleRate)
    },
    error: (thrown) => {
      failure = thrown
    },
  })
  const decode = (found) => {
    if (failure) throw failure
    if (found.length > 0 && decoder.state === 'unconfigured') decoder.configure(demuxer.config())
    for (const data of found) {
      decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: packets++ * 20_000, data }))
    }
  }
  return {
    push: (bytes) => decode(demuxer.push(bytes)),
    async end() {
      decode(demuxer.end())
      if (decoder.state === 'configured') await decoder.flush()
      if (decoder.state !== 'closed') decoder.close()
      if (failure) throw failure
    },
    cancel: () => decoder.state !== 'closed' && decoder.close(),
  }
}

/** The whole file at once, by what every browser has. */
function whole(rate, { onSamples }) {
  const parts = []
  let isCancelled = false
  return {
    push: (bytes) => void parts.push(bytes),
    async end() {
      const file = await new Blob(parts).arrayBuffer()
      const audio = await new OfflineAudioContext(1, 1, rate).decodeAudioData(file)
      if (!isCancelled) onSamples(audio.getChannelData(0).slice(), rate)
    },
    cancel: () => {
      isCancelled = true
    },
  }
}
