import type { Bytes, Encoder, Samples } from '../../speech.ts'
import { joinBytes } from '../join-bytes.ts'
import { type Libopus, libopus } from './libopus.ts'
import { oggPage } from './ogg.ts'

/** The rates that Opus takes in; decoders give 48000 whatever came in. */
export const OPUS_RATES = [8000, 12_000, 16_000, 24_000, 48_000] as const

const FRAME_MS = 20
/** Ogg counts Opus at this rate. */
const CLOCK = 48_000
/** On libopus' scale, 0 to 10; its default of 9 takes almost twice as long. */
const COMPLEXITY = 5

/**
 * Gives an Ogg Opus stream (RFC 7845) of a voice, a page every 20 ms. The last page's position is exact, so
 * that as much audio is decoded as went in.
 */
export async function opus({ rate }: { readonly rate: number }): Promise<Encoder> {
  return new Opus(await libopus(), rate)
}

class Opus implements Encoder {
  readonly rate: number
  readonly bytesPerSecond: number
  readonly #lib: Libopus
  readonly #preSkip: number
  #encoder: number | undefined
  /** The frame being filled, and how far it is. */
  readonly #frame: Samples
  #filled = 0
  #taken = 0
  #frames = 0
  #pages = 0

  constructor(lib: Libopus, rate: number) {
    const bitrate = rate <= 16_000 ? 24_000 : 32_000
    this.rate = rate
    this.bytesPerSecond = bitrate / 8 + (1000 / FRAME_MS) * 28 // and a page's header
    this.#lib = lib
    this.#encoder = lib.create({ rate, bitrate, complexity: COMPLEXITY })
    this.#preSkip = (lib.lookahead(this.#encoder) * CLOCK) / rate
    this.#frame = new Int16Array((rate * FRAME_MS) / 1000)
  }

  push(samples: Samples): Bytes {
    if (this.#encoder === undefined) return new Uint8Array(0)
    const pages = this.#pages === 0 ? this.#headers() : []
    this.#taken += samples.length
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + this.#frame.length - this.#filled)
      this.#frame.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled === this.#frame.length) pages.push(this.#encode(this.#encoder))
    }
    return joinBytes(pages)
  }

  /** Fills up with silence until what was heard last is through the codec, which always takes a frame. */
  end(): Bytes {
    if (this.#encoder === undefined) return new Uint8Array(0)
    const pages = this.#pages === 0 ? this.#headers() : []
    const last = this.#preSkip + (this.#taken * CLOCK) / this.rate
    while (this.#position < last) {
      this.#frame.fill(0, this.#filled)
      pages.push(this.#encode(this.#encoder, last))
    }
    this[Symbol.dispose]()
    return joinBytes(pages)
  }

  [Symbol.dispose](): void {
    if (this.#encoder !== undefined) this.#lib.free(this.#encoder)
    this.#encoder = undefined
  }

  /** How much a decoder could give so far, at Ogg's clock. */
  get #position(): number {
    return (this.#frames * CLOCK * FRAME_MS) / 1000
  }

  #encode(encoder: number, last = Number.POSITIVE_INFINITY): Bytes {
    const packet = this.#lib.encode(encoder, this.#frame)
    this.#frames++
    this.#filled = 0
    return this.#page(packet, { granule: Math.min(this.#position, last), isLast: this.#position >= last })
  }

  #headers(): Bytes[] {
    const headers = [opusHead({ rate: this.rate, preSkip: this.#preSkip }), opusTags()]
    return headers.map((packet) => this.#page(packet, { granule: 0, isLast: false }))
  }

  #page(packet: Uint8Array, place: { readonly granule: number; readonly isLast: boolean }): Bytes {
    return oggPage(packet, { ...place, sequence: this.#pages++ })
  }
}

/** RFC 7845, section 5.1: version 1, one channel, no gain, mapping family 0. */
function opusHead({ rate, preSkip }: { readonly rate: number; readonly preSkip: number }): Bytes {
  const packet: Bytes = new Uint8Array(19)
  const fields = new DataView(packet.buffer)
  packet.set(ascii('OpusHead'))
  packet.set([1, 1], 8)
  fields.setUint16(10, preSkip, true)
  fields.setUint32(12, rate, true)
  return packet
}

/** RFC 7845, section 5.2: who wrote it, and no comments. */
function opusTags(): Bytes {
  const vendor = ascii('sotto')
  const packet: Bytes = new Uint8Array(16 + vendor.length)
  packet.set(ascii('OpusTags'))
  packet[8] = vendor.length
  packet.set(vendor, 12)
  return packet
}

const ascii = (text: string): Bytes => new TextEncoder().encode(text)
