import { readFile } from 'node:fs/promises'
import type { createEncoder } from 'wasm-media-encoders'
import { asset } from '../run/asset.ts'
import type { Bytes, Encoder, Samples } from '../speech.ts'

/** The rates of MPEG 1, 2 and 2.5 layer III. */
export const MP3_RATES = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] as const

type Rate = (typeof MP3_RATES)[number]
type Lame = Awaited<ReturnType<typeof createEncoder<'audio/mpeg'>>>

/** Idle encoders kept for the next reply, at some 0.6 MB each. */
const KEPT = 16
const idle: Lame[] = []
let loading: Promise<() => Promise<Lame>> | undefined

/**
 * Gives an MP3 stream of constant bitrate by LAME, without tags: bare frames, so that it can be joined and cut.
 * Decoders hear 1105 samples of silence before it, as the format has it.
 */
export async function mp3({ rate }: { readonly rate: number }): Promise<Encoder> {
  loading ??= load()
  const lame = idle.pop() ?? (await (await loading)())
  const bitrate = rate <= 12_000 ? 32 : rate <= 24_000 ? 64 : 96
  lame.configure({ channels: 1, sampleRate: rate, outputSampleRate: rate as Rate, bitrate })
  return new Mp3(lame, { rate, bytesPerSecond: bitrate * 125 })
}

/** Compiles LAME once; an instance of it serves one reply at a time. */
async function load(): Promise<() => Promise<Lame>> {
  const [{ createEncoder }, wasm] = await Promise.all([
    import('wasm-media-encoders'),
    readFile(asset('wasm-media-encoders/wasm/mp3.wasm')),
  ])
  const module = await WebAssembly.compile(wasm)
  return () => createEncoder('audio/mpeg', module)
}

class Mp3 implements Encoder {
  readonly rate: number
  readonly bytesPerSecond: number
  #lame: Lame | undefined

  constructor(lame: Lame, { rate, bytesPerSecond }: Pick<Encoder, 'rate' | 'bytesPerSecond'>) {
    this.#lame = lame
    this.rate = rate
    this.bytesPerSecond = bytesPerSecond
  }

  push(samples: Samples): Bytes {
    if (!this.#lame || samples.length === 0) return new Uint8Array(0)
    return this.#lame.encode([Float32Array.from(samples, (sample) => sample / 32_768)]).slice()
  }

  end(): Bytes {
    const bytes = this.#lame?.finalize().slice()
    this[Symbol.dispose]()
    return bytes ?? new Uint8Array(0)
  }

  /** Keeps the encoder for another reply, whose `configure` begins it anew. */
  [Symbol.dispose](): void {
    if (this.#lame && idle.length < KEPT) idle.push(this.#lame)
    this.#lame = undefined
  }
}
