import type { Bytes, Encoder, Samples } from '../../speech.ts'
import { joinBytes } from '../join-bytes.ts'
import { loadOnce } from './load-once.ts'
import type { WholeHead } from './whole-head.ts'

type Flac = typeof import('libflacjs/dist/libflac.js')

/** On libFLAC's scale, 0 to 8; from 3 on it takes half as long again for some hundredths less. */
const LEVEL = 2
/** libFLAC lets a block go when the sample after it has come; longer ones are hardly smaller. */
const BLOCK_MS = 10

/**
 * Gives a FLAC stream in blocks of about 10 ms. Its header leaves length and checksum open, as a stream's must;
 * the audio is exact to a sample.
 */
export async function flac({ rate }: { readonly rate: number }): Promise<Encoder> {
  return new FlacEncoder(await libflac(), rate)
}

/** Where STREAMINFO has rate, channels, depth and, in the last 36 bits, the count of samples, 0 where it is not known. */
const COUNTS = 18
const MOST_SAMPLES = 2 ** 36 - 1

/** The head of a FLAC whose samples are counted. */
export const wholeFlacHead: WholeHead = {
  size: COUNTS + 8,
  of(head, { samples }) {
    if (samples > MOST_SAMPLES) return head
    const whole = head.slice()
    const fields = new DataView(whole.buffer)
    fields.setBigUint64(COUNTS, fields.getBigUint64(COUNTS) | BigInt(samples))
    return whole
  },
}

// The asm.js build: the WebAssembly one looks for its file beside the script and fails when compiled.
const libflac = loadOnce(async (): Promise<Flac> => {
  const lib: Flac = (await import('libflacjs/dist/libflac.js')).default
  const ready = Promise.withResolvers<unknown>()
  lib.on('ready', ready.resolve)
  if (!lib.isReady()) await ready.promise
  return lib
})

class FlacEncoder implements Encoder {
  readonly rate: number
  readonly bytesPerSecond: number
  readonly #lib: Flac
  #encoder: number | undefined
  #ready: Bytes[] = []

  constructor(lib: Flac, rate: number) {
    this.rate = rate
    this.bytesPerSecond = Math.round(1.2 * rate) // speech takes some 0.6 of its samples' size
    this.#lib = lib
    const block = Math.round((rate * BLOCK_MS) / 1000)
    this.#encoder = lib.create_libflac_encoder(rate, 1, 16, LEVEL, 0, false, block)
    const status = lib.init_encoder_stream(this.#encoder, (bytes) => void this.#ready.push(bytes as Bytes))
    if (status !== 0) throw new Error(`Cannot create FLAC encoder: status is ${status}`)
  }

  push(samples: Samples): Bytes {
    if (this.#encoder === undefined) return new Uint8Array(0)
    const { FLAC__stream_encoder_process_interleaved: encode } = this.#lib
    if (!encode(this.#encoder, new Int32Array(samples), samples.length)) {
      throw new Error(`Cannot encode FLAC: libFLAC refused ${samples.length} samples`)
    }
    return this.#take()
  }

  end(): Bytes {
    if (this.#encoder !== undefined) this.#lib.FLAC__stream_encoder_finish(this.#encoder)
    const bytes = this.#take()
    this[Symbol.dispose]()
    return bytes
  }

  [Symbol.dispose](): void {
    if (this.#encoder !== undefined) this.#lib.FLAC__stream_encoder_delete(this.#encoder)
    this.#encoder = undefined
    this.#ready = []
  }

  #take(): Bytes {
    const bytes = joinBytes(this.#ready)
    this.#ready = []
    return bytes
  }
}
