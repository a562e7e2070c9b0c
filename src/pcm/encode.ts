import type { Encoder, Format } from '../speech.ts'
import { flac, wholeFlacHead } from './formats/flac.ts'
import { alaw, mulaw } from './formats/g711.ts'
import { mp3 } from './formats/mp3.ts'
import { MP3_RATES, wholeMp3Head } from './formats/mp3-info.ts'
import { OPUS_RATES, opus } from './formats/opus.ts'
import { raw } from './formats/raw.ts'
import { wav, wholeWavHead } from './formats/wav.ts'
import type { WholeHead } from './formats/whole-head.ts'

/** What a format is called, and which rates it can have. */
export interface FormatFacts {
  /** Puts its length into the head of a sound that is whole; absent where there is no place for it. */
  readonly wholeHead?: WholeHead
  /** The reply's `content-type`; enough to play it by, for formats without a header too. */
  contentType(rate: number): string
  /** Without a dot; one that ffmpeg and sox know. */
  readonly extension: string
  /** Samples a second when nothing else is asked for. */
  readonly defaultRate: number
  /** The rates that {@link allowsRate} allows, for error messages. */
  readonly rates: string
}

interface Entry extends FormatFacts {
  allows(rate: number): boolean
  make(options: { readonly rate: number }): Encoder | Promise<Encoder>
}

const typed = (type: string) => () => type

const anyRate = {
  defaultRate: 24_000,
  rates: 'any integer from 8000 to 48000',
  allows: (rate: number) => Number.isInteger(rate) && rate >= 8000 && rate <= 48_000,
}

const oneOf = (rates: readonly number[]) => ({
  defaultRate: rates.includes(24_000) ? 24_000 : rates[0]!,
  rates: rates.length === 1 ? `only ${rates[0]}` : `one of ${rates.join(', ')}`,
  allows: (rate: number) => rates.includes(rate),
})

const ENTRIES: Readonly<Record<Format, Entry>> = {
  pcm: {
    ...anyRate,
    contentType: (rate) => `audio/pcm;rate=${rate};channels=1`, // not audio/L16, which is big-endian by RFC 2586
    extension: 'pcm',
    make: raw,
  },
  wav: { ...anyRate, contentType: typed('audio/wav'), extension: 'wav', make: wav, wholeHead: wholeWavHead },
  mp3: {
    ...oneOf(MP3_RATES),
    contentType: typed('audio/mpeg'),
    extension: 'mp3',
    make: mp3,
    wholeHead: wholeMp3Head,
  },
  opus: { ...oneOf(OPUS_RATES), contentType: typed('audio/ogg;codecs=opus'), extension: 'opus', make: opus },
  flac: {
    ...anyRate,
    contentType: typed('audio/flac'),
    extension: 'flac',
    make: flac,
    wholeHead: wholeFlacHead,
  },
  // audio/basic is µ-law at 8000 Hz by RFC 2046; audio/PCMA is RFC 4856's name, with 8000 Hz as its default.
  mulaw: { ...oneOf([8000]), contentType: typed('audio/basic'), extension: 'ul', make: mulaw },
  alaw: { ...oneOf([8000]), contentType: typed('audio/PCMA'), extension: 'al', make: alaw },
}

/** Content type, extension and rates of every format. */
export const FORMATS: Readonly<Record<Format, FormatFacts>> = ENTRIES

export const allowsRate = (format: Format, rate: number): boolean => ENTRIES[format].allows(rate)

/** Gives a new encoder for one reply; what it needs is loaded the first time. Throws a `RangeError` for a rate that the format lacks. */
export async function encoder(format: Format, { rate }: { readonly rate: number }): Promise<Encoder> {
  if (!allowsRate(format, rate)) {
    throw new RangeError(
      `Cannot encode ${format}: rate must be ${FORMATS[format].rates}, current value is ${rate}`,
    )
  }
  return await ENTRIES[format].make({ rate })
}
