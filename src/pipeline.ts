import { ClauseStream } from './clauses/clause-stream.ts'
import { type ClausesOptions, clausesOf } from './clauses/clauses.ts'
import type { ClausesConfig, TextConfig } from './clauses/config.ts'
import { Lookahead } from './dispatch/lookahead.ts'
import { Schedule } from './dispatch/schedule.ts'
import type { SpeechError } from './errors.ts'
import { Outgoing, type Reply } from './outgoing.ts'
import type { AudioConfig } from './pcm/config.ts'
import { encoder } from './pcm/encode.ts'
import { Flow } from './pcm/flow.ts'
import { Heard } from './pcm/heard.ts'
import type { SpoolBudget } from './pcm/spool-budget.ts'
import type { Clause, LexiconEntry, Manner, Speech, Synthesize, Voice } from './speech.ts'
import type { RequestMeter } from './telemetry/request-meter.ts'
import { timedEncoder } from './telemetry/timed-encoder.ts'

export interface SpeakOptions {
  readonly synthesize: Synthesize
  /** Whether a clause that failed unheard may be asked for once more. @default never */
  readonly mayAskAgain?: (error: SpeechError) => boolean
  readonly budget: SpoolBudget
  readonly text: TextConfig
  readonly clauses: ClausesConfig
  readonly audio: AudioConfig
  readonly lexicon: readonly LexiconEntry[]
  /** That of the speech. */
  readonly voice: Voice
  /** Aborts when the caller leaves before the audio is in hand; after that, tell the audio that its listener has left. */
  readonly signal: AbortSignal
  /** Those under way, of which this is one until it has ended. */
  readonly open: Set<Outgoing>
  /** Measures it; told the end, however it comes. */
  readonly meter?: RequestMeter | undefined
}

/**
 * The data path: text in, encoded audio out, one bounded stage after another. Resolves at the first audio;
 * rejects with a `SpeechError` when there is none to come.
 */
export async function speak(speech: Speech, options: SpeakOptions): Promise<Reply> {
  const { synthesize, mayAskAgain, budget, text, clauses, audio, voice, signal, open, meter } = options
  const plain = await encoder(speech.format, { rate: speech.sampleRate })
  const encoding = meter ? timedEncoder(plain, { meter }) : plain
  const lookahead = new Lookahead({
    seconds: audio.lookaheadSeconds,
    clauses: audio.lookaheadClauses,
    pace: audio.pace,
    budget,
  })
  const { spoolSeconds } = audio
  const schedule = new Schedule({ synthesize, mayAskAgain, lookahead, budget, spoolSeconds })
  const heard = new Heard(schedule, { rate: encoding.rate, trim: audio.trim })
  const flow = new Flow(heard, { encoder: encoding })
  const outgoing = new Outgoing(flow, { schedule, lookahead, signal, open, meter })

  const cut = { lexicon: [...speech.lexicon, ...options.lexicon], voice, text, clauses }
  outgoing.orFail(() => schedule.begin(clausesIn(speech, { ...cut, outgoing })))
  return outgoing.begun(Math.ceil((encoding.bytesPerSecond * audio.ringMs) / 1000))
}

function clausesIn(
  speech: Speech,
  { outgoing, ...options }: Omit<ClausesOptions, 'manner'> & { readonly outgoing: Outgoing },
): Iterable<Clause> | AsyncIterable<Clause> {
  const { text } = speech
  const cut = { ...options, manner: manner(speech) }
  if (typeof text === 'string') return clausesOf(text, cut)
  return text.pipeThrough(new ClauseStream({ ...cut, live: true }), { signal: outgoing.gone })
}

const manner = ({ voice, language, speed, instructions, seed }: Speech): Manner => ({
  voice,
  language,
  speed,
  instructions,
  seed,
})
