import { readFile } from 'node:fs/promises'
import type { createEncoder } from 'wasm-media-encoders'
import { asset } from '../../run/asset.ts'
import type { Bytes, Encoder, Samples } from '../../speech.ts'
import { joinBytes } from '../join-bytes.ts'
import { loadOnce } from './load-once.ts'
import { infoFrame, type Mp3Rate, mp3Bitrate } from './mp3-info.ts'

type Lame = Awaited<ReturnType<typeof createEncoder<'audio/mpeg'>>>

/** Idle encoders kept for the next reply, at some 0.6 MB each. */
const KEPT = 16
const idle: Lame[] = []

/**
 * Gives an MP3 stream of constant bitrate by LAME, behind one silent frame that makes players skip LAME's delay.
 * What is decoded is up to two frames' length longer than what went in, as the format has it.
 */
export async function mp3({ rate }: { readonly rate: number }): Promise<Encoder> {
  const lame = idle.pop() ?? (await (await newLame())())
  return new Mp3(lame, rate as Mp3Rate)
}

/** Compiles LAME once; an instance of it serves one reply at a time. */
const newLame = loadOnce(async (): Promise<() => Promise<Lame>> => {
  const [{ createEncoder }, wasm] = await Promise.all([
    import('wasm-media-encoders'),
    readFile(asset('wasm-media-encoders/wasm/mp3.wasm')),
  ])
  const module = await WebAssembly.compile(wasm)
  return () => createEncoder('audio/mpeg', module)
})

class Mp3 implements Encoder {
  readonly rate: Mp3Rate
  readonly bytesPerSecond: number
  #lame: Lame | undefined
  #started = false

  constructor(lame: Lame, rate: Mp3Rate) {
    const bitrate = mp3Bitrate(rate)
    lame.configure({ channels: 1, sampleRate: rate, outputSampleRate: rate, bitrate })
    this.#lame = lame
    this.rate = rate
    this.bytesPerSecond = bitrate * 125
  }

  push(samples: Samples): Bytes {
    if (!this.#lame || samples.length === 0) return new Uint8Array(0)
    return this.#behindInfo(this.#lame.encode([new Float32Array(samples).map((sample) => sample / 32_768)]))
  }

  end(): Bytes {
    if (!this.#lame) return new Uint8Array(0)
    const bytes = this.#behindInfo(this.#lame.finalize())
    this[Symbol.dispose]()
    return bytes
  }

  /** Keeps LAME for another reply, which begins by configuring it anew. */
  [Symbol.dispose](): void {
    if (this.#lame && idle.length < KEPT) idle.push(this.#lame)
    this.#lame = undefined
  }

  /** Copies what LAME gave, which is its own memory; the info frame waits for the first audio. */
  #behindInfo(bytes: Uint8Array): Bytes {
    const copy: Bytes = new Uint8Array(bytes)
    if (this.#started || copy.length === 0) return copy
    this.#started = true
    return joinBytes([infoFrame(this.rate), copy])
  }
}
