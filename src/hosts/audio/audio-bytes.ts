import { joinSamples } from '../../pcm/join-samples.ts'
import type { Bytes, Samples, Stage } from '../../speech.ts'
import { badReply } from '../remote/bad-reply.ts'
import { Cursor, cutAudio, type Reading } from './cursor.ts'
import { RIFF_HEAD, riffAt, type WavData, wavHead, wavTail } from './riff.ts'
import { type Claim, SNIFFED, sniff } from './sniff.ts'
import { rawFormat, type WavFormat } from './wav-format.ts'

const NONE: Samples = new Int16Array(0)

export interface AudioBytesOptions {
  /** What the reply calls it. */
  readonly claim: Claim
  /** Samples a second of raw samples. */
  readonly rate: number
  /** Of raw samples. @default 1 */
  readonly channels?: number | undefined
}

/**
 * Reads WAV or raw 16-bit samples from chunks cut anywhere, told apart by what is there. Of a WAV: sizes may be left
 * open, chunks beside the data are passed over, further files behind it and headers within it are read as one with it.
 * `end()` throws a retryable error when it was cut.
 */
export class AudioBytes implements Stage<Bytes, Samples> {
  readonly #options: AudioBytesOptions
  readonly #cursor = new Cursor()
  readonly #reading = this.#files()
  #format: WavFormat | undefined
  #heard = NONE
  /** Of data that goes on to the end, or to the header of another file, while that is read. */
  #open: WavFormat | undefined

  constructor(options: AudioBytesOptions) {
    this.#options = options
  }

  /** Samples a second; right once there are samples. */
  get rate(): number {
    return this.#format?.rate ?? this.#options.rate
  }

  push(chunk: Bytes): Samples {
    if (this.#open && this.#isPlain(chunk, this.#open)) return this.#open.toMono(chunk)
    this.#cursor.add(chunk)
    return this.#advance()
  }

  end(): Samples {
    this.#cursor.close()
    return this.#advance()
  }

  #advance(): Samples {
    this.#reading.next()
    this.#cursor.settle()
    const heard = this.#heard
    this.#heard = NONE
    return heard
  }

  *#files(): Reading<void> {
    while (yield* this.#cursor.has(1)) {
      yield* this.#cursor.has(SNIFFED)
      const kind = sniff(this.#cursor.held, this.#options.claim)
      const data =
        kind === 'wav' ? yield* wavHead(this.#cursor) : { format: rawFormat(this.#options), size: Infinity }
      this.#use(data.format)
      yield* data.size === Infinity ? this.#unsized(data) : this.#sized(data)
    }
  }

  /** Whether it is whole samples and nothing else, as it is as a rule: that needs no gathering. */
  #isPlain(chunk: Bytes, { frame }: WavFormat): boolean {
    return chunk.length % frame === 0 && this.#cursor.held.length === 0 && riffAt(chunk) === undefined
  }

  #use(format: WavFormat): void {
    const { rate } = (this.#format ??= format)
    if (rate === format.rate) return
    throw badReply(`changed from ${rate} Hz to ${format.rate} in one reply`, { retryable: false })
  }

  /** Data that goes on to the end, or to the header of another file. */
  *#unsized({ format }: WavData): Reading<void> {
    this.#open = format
    for (;;) {
      const { held, isLast } = this.#cursor
      const header = riffAt(held)
      const isWhole = header !== undefined && held.length - header >= RIFF_HEAD
      this.#hear(format, isWhole || !isLast ? (header ?? held.length) : held.length)
      if (isWhole) {
        this.#open = undefined
        this.#cursor.take(header % format.frame)
        return
      }
      if (isLast && this.#cursor.held.length > 0) throw cutAudio()
      if (isLast) return
      yield
    }
  }

  *#sized({ format, size }: WavData): Reading<void> {
    for (let left = size; left >= format.frame; ) {
      left -= this.#hear(format, Math.min(left, this.#cursor.held.length))
      if (left < format.frame) break
      if (this.#cursor.isLast) throw cutAudio()
      yield
    }
    yield* wavTail(this.#cursor)
  }

  /** Takes what is whole of so many bytes; tells how many. */
  #hear({ frame, toMono }: WavFormat, length: number): number {
    const whole = length - (length % frame)
    if (whole > 0) this.#heard = joinSamples(this.#heard, toMono(this.#cursor.take(whole)))
    return whole
  }
}
