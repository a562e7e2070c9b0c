import { joinBytes } from './join-bytes.js'

/**
 * @typedef {object} Demuxer
 * @property {(bytes: Uint8Array) => Uint8Array[]} push Gives the packets that are whole now.
 * @property {() => Uint8Array[]} end Gives what only the end of the stream makes whole.
 * @property {() => AudioDecoderConfig | undefined} config Known once the stream's first bytes are.
 * @property {() => number} skip Samples at the front that the encoder added.
 */

/**
 * Cuts MP3 into frames.
 * @returns {Demuxer}
 */
export function mp3Demuxer() {
  let config, info
  const frames = cutter(mp3FrameLength)
  return {
    push: (bytes) =>
      frames.push(bytes).filter((frame) => {
        config ??= { codec: 'mp3', sampleRate: mp3Rate(frame), numberOfChannels: mp3Channels(frame) }
        if (info !== undefined) return true
        info = mp3Info(frame)
        return info < 0 // the frame that carries the delay is no audio
      }),
    end: () => [],
    config: () => config,
    skip: () => (info > 0 ? info + MP3_DECODER_DELAY : 0),
  }
}

/**
 * Takes the Opus packets out of Ogg pages.
 * @returns {Demuxer}
 */
export function oggOpusDemuxer() {
  let head
  let part = new Uint8Array(0)
  const pages = cutter(oggPageLength)
  const packetsOf = (page) => {
    const packets = []
    let at = 27 + page[26]
    for (const lacing of page.subarray(27, at)) {
      part = joinBytes([part, page.subarray(at, (at += lacing))])
      if (lacing === 255) continue // goes on in the next segment, on the next page even
      packets.push(part)
      part = new Uint8Array(0)
    }
    return packets
  }
  const isAudio = (packet) => {
    const name = ascii(packet, { at: 0, length: 8 })
    if (name === 'OpusHead') head = packet
    return name !== 'OpusHead' && name !== 'OpusTags'
  }
  return {
    push: (bytes) => pages.push(bytes).flatMap(packetsOf).filter(isAudio),
    end: () => [],
    config: () => head && { codec: 'opus', sampleRate: 48_000, numberOfChannels: head[9], description: head },
    skip: () => 0, // the decoder reads it in the description
  }
}

/**
 * Cuts native FLAC into frames: one ends where its CRC-16 comes out at 0 and another one begins.
 * @returns {Demuxer}
 */
export function flacDemuxer() {
  let header = new Uint8Array(0)
  let isHeaderWhole = false
  const frames = cutter((bytes) => (isHeaderWhole ? flacFrameLength(bytes) : flacBlockLength(bytes)))
  const isFrame = (packet) => {
    if (isHeaderWhole) return true
    header = joinBytes([header, packet])
    isHeaderWhole = ascii(packet, { at: 0, length: 4 }) !== 'fLaC' && packet[0] >= 128
    return false
  }
  return {
    push: (bytes) => frames.push(bytes, isFrame),
    end: () => [frames.rest()].filter((frame) => frame.length > 0),
    config: () =>
      isHeaderWhole
        ? {
            codec: 'flac',
            sampleRate: flacRate(header),
            numberOfChannels: flacChannels(header),
            description: header,
          }
        : undefined,
    skip: () => 0,
  }
}

/**
 * Cuts a stream into pieces; `measure` tells the length of the first one, or 0 while it is not whole.
 * @param {(bytes: Uint8Array) => number} measure
 */
function cutter(measure) {
  let rest = new Uint8Array(0)
  return {
    push(bytes, keep = (_piece) => true) {
      const pieces = []
      rest = joinBytes([rest, bytes])
      for (let length; (length = measure(rest)) > 0; rest = rest.subarray(length)) {
        const piece = rest.slice(0, length)
        if (keep(piece)) pieces.push(piece)
      }
      return pieces
    },
    rest: () => rest,
  }
}

const MP3_DECODER_DELAY = 529
const MP3_KBPS = {
  3: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320], // MPEG 1
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160], // MPEG 2, 2.5
}
const MP3_RATES = { 3: [44_100, 48_000, 32_000], 2: [22_050, 24_000, 16_000], 0: [11_025, 12_000, 8000] }

const mp3Version = (frame) => (frame[1] >> 3) & 3
const mp3Rate = (frame) => MP3_RATES[mp3Version(frame)][(frame[2] >> 2) & 3]
const mp3Channels = (frame) => (frame[3] >> 6 === 3 ? 1 : 2)

function mp3FrameLength(bytes) {
  if (bytes.length < 4) return 0
  if (bytes[0] !== 0xff || (bytes[1] & 0xe6) !== 0xe2) throw new Error('The reply is not MP3')
  const version = mp3Version(bytes)
  const kbps = MP3_KBPS[version === 3 ? 3 : 2][bytes[2] >> 4]
  const length =
    Math.floor(((version === 3 ? 144_000 : 72_000) * kbps) / mp3Rate(bytes)) + ((bytes[2] >> 1) & 1)
  return bytes.length < length ? 0 : length
}

/** Gives the encoder's delay that an Info frame tells, or -1 when the frame is audio. */
function mp3Info(frame) {
  const side = mp3Version(frame) === 3 ? [17, 32] : [9, 17]
  const at = 4 + side[mp3Channels(frame) - 1]
  if (!['Info', 'Xing'].includes(ascii(frame, { at, length: 4 }))) return -1
  const fields = [4, 4, 100, 4].reduce((sum, size, bit) => sum + ((frame[at + 7] >> bit) & 1) * size, 0)
  const delay = at + 8 + fields + 21
  return (frame[delay] << 4) | (frame[delay + 1] >> 4)
}

function oggPageLength(bytes) {
  if (bytes.length < 27) return 0
  if (ascii(bytes, { at: 0, length: 4 }) !== 'OggS') throw new Error('The reply is not Ogg')
  const body = 27 + bytes[26]
  const length = bytes.subarray(27, body).reduce((sum, lacing) => sum + lacing, body)
  return bytes.length < length ? 0 : length
}

/** The mark, then blocks of metadata: a type with the last one's flag, and 24 bits of size. */
function flacBlockLength(bytes) {
  if (bytes.length < 4) return 0
  if (ascii(bytes, { at: 0, length: 4 }) === 'fLaC') return 4
  const length = 4 + ((bytes[1] << 16) | (bytes[2] << 8) | bytes[3])
  return bytes.length < length ? 0 : length
}

const flacRate = (header) => (header[18] << 12) | (header[19] << 4) | (header[20] >> 4)
const flacChannels = (header) => ((header[20] >> 1) & 7) + 1

function flacFrameLength(bytes) {
  for (let at = 0, crc = 0; at < bytes.length - 1; at++) {
    const isStart = bytes[at] === 0xff && (bytes[at + 1] & 0xfe) === 0xf8
    if (at > 0 && crc === 0 && isStart) return at
    crc = ((crc << 8) ^ CRC16[(crc >> 8) ^ bytes[at]]) & 0xffff
  }
  return 0
}

const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 8
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value & 0x8000 ? 0x8005 : 0)
  return value
})

const ascii = (bytes, { at, length }) => String.fromCharCode(...bytes.subarray(at, at + length))
