import { ClauseStream } from './clauses/clause-stream.ts'
import { type ClausesOptions, clausesOf } from './clauses/clauses.ts'
import type { ClausesConfig, TextConfig } from './clauses/config.ts'
import { Lookahead } from './dispatch/lookahead.ts'
import { schedule } from './dispatch/schedule.ts'
import { SpeechError } from './errors.ts'
import type { AudioConfig } from './pcm/config.ts'
import { encoder } from './pcm/encode.ts'
import { Flow } from './pcm/flow.ts'
import { Heard } from './pcm/heard.ts'
import { ring } from './pcm/ring.ts'
import type { SpoolBudget } from './pcm/spool-budget.ts'
import { nextOf } from './pcm/supply.ts'
import type { Bytes, Clause, LexiconEntry, Manner, Speech, Supply, Synthesize } from './speech.ts'
import { outcomeOf } from './telemetry/outcome.ts'
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
  /** Aborts when the caller leaves before the stream is in hand; after that, cancel the stream. */
  readonly signal: AbortSignal
  /** Measures it; told the end, however it comes. */
  readonly meter?: RequestMeter | undefined
}

/** What a caller gets: audio, and how much of it there has been. */
export interface Reply {
  /** Encoded audio; errors when it cannot be finished, and ends the work when cancelled. */
  readonly stream: ReadableStream<Bytes>
  /** Seconds of audio given so far. */
  readonly seconds: number
}

/**
 * The data path: text in, encoded audio out, one bounded stage after another. Resolves at the first audio;
 * rejects with a `SpeechError` when there is none to come.
 */
export async function speak(speech: Speech, options: SpeakOptions): Promise<Reply> {
  const { synthesize, budget, text, audio, meter } = options
  const gone = new AbortController()
  const { signal } = gone
  const lexicon = [...speech.lexicon, ...options.lexicon]
  const encoding = timedEncoder(await encoder(speech.format, { rate: speech.sampleRate }), {
    tell: (ms) => meter?.encoded(ms),
  })
  const lookahead = new Lookahead({
    seconds: audio.lookaheadSeconds,
    clauses: audio.lookaheadClauses,
    pace: audio.pace,
    budget,
  })

  const clauses = clausesIn(speech, { lexicon, text, clauses: options.clauses, signal })
  const spoken = schedule(clauses, {
    synthesize,
    mayAskAgain: options.mayAskAgain,
    lookahead,
    budget,
    spoolSeconds: audio.spoolSeconds,
    signal,
  })
  const flow = new Flow(new Heard(spoken, { rate: encoding.rate, trim: audio.trim }), { encoder: encoding })

  const end = (reason: unknown) => {
    gone.abort(reason)
    flow[Symbol.dispose]()
  }
  options.signal.addEventListener('abort', () => end(options.signal.reason), { once: true })
  if (options.signal.aborted) end(options.signal.reason)
  const failed = (thrown: unknown): SpeechError => {
    end(thrown)
    const error = options.signal.aborted ? callerLeft(thrown) : SpeechError.from(thrown)
    meter?.end(outcomeOf(error))
    return error
  }
  let isSaid = false
  const supply: Supply<Bytes> = {
    take() {
      try {
        signal.throwIfAborted() // what was stopped ends too, but has not been said
        const bytes = flow.take()
        if (bytes) lookahead.want(false)
        isSaid = flow.isOver
        return bytes
      } catch (thrown) {
        throw failed(thrown)
      }
    },
    get isOver() {
      return isSaid
    },
    wait() {
      lookahead.want(true)
      return flow.wait()
    },
  }

  const first = await nextOf(supply)
  if (!first) throw failed(nothingToSay())
  meter?.firstAudio()
  const stream = ring(supply, {
    first,
    capacity: Math.ceil((encoding.bytesPerSecond * audio.ringMs) / 1000),
    onEnd: () => {
      meter?.end('ok')
      flow[Symbol.dispose]()
    },
    onCancel: (reason) => {
      meter?.end('caller')
      end(reason ?? callerLeft())
    },
  })
  return {
    stream,
    get seconds() {
      return flow.seconds
    },
  }
}

function clausesIn(
  speech: Speech,
  { signal, ...options }: Omit<ClausesOptions, 'manner'> & { readonly signal: AbortSignal },
): Iterable<Clause> | AsyncIterable<Clause> {
  const { text } = speech
  const cut = { ...options, manner: manner(speech) }
  if (typeof text === 'string') return clausesOf(text, cut)
  return text.pipeThrough(new ClauseStream({ ...cut, live: true }), { signal })
}

const manner = ({ voice, language, speed, instructions, seed }: Speech): Manner => ({
  voice,
  language,
  speed,
  instructions,
  seed,
})

const nothingToSay = () =>
  new SpeechError('Nothing to say: the text holds no letter, number or other sign that can be spoken', {
    code: 'invalid',
    source: 'client',
    field: 'input',
  })

const callerLeft = (cause?: unknown) =>
  new SpeechError('Caller went away', { code: 'cancelled', source: 'client', cause })
