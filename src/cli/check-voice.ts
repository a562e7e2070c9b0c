import { estimate } from '../dispatch/estimate.ts'
import { type DeadlineOptions, deadline } from '../guard/deadline.ts'
import { guarded } from '../guard/guarded.ts'
import { sanity } from '../guard/sanity.ts'
import { nextOf } from '../pcm/supply.ts'
import { type SetTimer, setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Clause, Host, Pcm, Samples, Voice } from '../speech.ts'
import { clock } from '../telemetry/clock.ts'
import type { CheckSentence } from './check-sentences.ts'

/** How a voice spoke. */
export interface SpokenVoice {
  /** What is wrong; absent when nothing is. */
  readonly trouble?: string
  /** Until something could be heard, in milliseconds. */
  readonly firstAudioMs: number
  /** Seconds of audio. */
  readonly seconds: number
  /** Time that it took over the time it takes to hear it. */
  readonly factor: number
}

export interface CheckVoiceOptions {
  /** Ends it. */
  readonly signal: AbortSignal
  /** The host's own. */
  readonly timeouts?: DeadlineOptions
  /** Most time that it may take in all, in milliseconds. @default 60000 */
  readonly voiceMs?: number
  /** Milliseconds since some moment. @default performance.now */
  readonly now?: () => number
  /** @default setTimeout */
  readonly setTimer?: SetTimer
}

/**
 * Speaks a sentence with one voice and listens to the end; rejects with what `deadline()`, `sanity()` or the host found.
 *
 * Audio that is under half or over twice as long as the sentence usually takes is taken for audio of another rate. That
 * finds a rate that is wrong by a factor of two or more. Audio of 22,050 samples a second that is called 24,000 is not
 * found: it is 8 % higher and faster, and voices differ by more than that.
 */
export async function checkVoice(
  host: Host,
  { voice, sentence, timeouts, ...options }: CheckVoiceOptions & SentenceOfVoice,
): Promise<SpokenVoice> {
  const { now = clock, setTimer = setRealTimer } = options
  const late = new AbortController()
  const clocks = { now, setTimer }
  const synthesize = guarded(host.synthesize, [
    deadline({ ...timeouts, ...clocks, host: host.id }),
    sanity({ id: host.id }),
  ])
  const started = now()
  const speaking = synthesize(clauseOf(voice.id, sentence), {
    signal: AbortSignal.any([options.signal, late.signal]),
  })
  const listening = speaking.then(async (pcm) => {
    const firstAudioMs = now() - started
    const length = await listen(pcm)
    const seconds = length.samples / pcm.rate
    const trouble = rateTrouble(length.heard / pcm.rate, { text: sentence.text, rate: pcm.rate })
    const took = (now() - started) / 1000
    return { firstAudioMs, seconds, factor: took / seconds, ...(trouble !== undefined && { trouble }) }
  })
  return within(listening, options).catch((thrown) => {
    late.abort(thrown)
    speaking.then((pcm) => pcm.cancel(thrown)).catch(() => {}) // it is not waited for
    throw thrown
  })
}

interface SentenceOfVoice {
  readonly voice: Voice
  readonly sentence: CheckSentence
}

const clauseOf = (voice: string, { tag, text }: CheckSentence): Clause => ({
  index: 0,
  text,
  spoken: text,
  voice,
  language: tag,
  speed: 1,
  pauseMs: 0,
})

/** What is no louder is a pause: 2 % of full scale. */
const QUIET = 655

interface Length {
  readonly samples: number
  /** From the first to the last that is louder than a pause; all where none is. */
  readonly heard: number
}

async function listen(pcm: Pcm): Promise<Length> {
  let [samples, first, last] = [0, Number.POSITIVE_INFINITY, 0]
  for (let piece: Samples | undefined; (piece = await nextOf(pcm)); samples += piece.length) {
    for (let i = 0; i < piece.length; i++) {
      if (Math.abs(piece[i]!) <= QUIET) continue
      first = Math.min(first, samples + i)
      last = samples + i + 1
    }
  }
  return { samples, heard: last > first ? last - first : samples }
}

function rateTrouble(seconds: number, { text, rate }: { readonly text: string; readonly rate: number }) {
  const usual = estimate({ spoken: text, speed: 1 })
  if (seconds >= usual / 2 && seconds <= usual * 2) return undefined
  const far = seconds < usual ? 'lower' : 'higher'
  return `spoke for ${seconds.toFixed(1)} s where about ${usual.toFixed(1)} s are usual: is its rate ${far} than ${rate} Hz?`
}

/** Waits for `work` for so long, and no longer than until the signal aborts. */
export async function within<T>(
  work: Promise<T>,
  options: Pick<CheckVoiceOptions, 'signal' | 'voiceMs' | 'setTimer'>,
): Promise<T> {
  const { signal, voiceMs = 60_000, setTimer = setRealTimer } = options
  const { promise, reject } = Promise.withResolvers<never>()
  const clear = setTimer(voiceMs, () => reject(new Error(`Host took too long: no end within ${voiceMs} ms`)))
  const leave = () => reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  try {
    return await Promise.race([work, promise])
  } finally {
    clear()
    signal.removeEventListener('abort', leave)
  }
}
