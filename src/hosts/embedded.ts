import { SpeechError } from '../errors.ts'
import { asset } from '../run/asset.ts'
import { setTimer as setRealTimer } from '../run/set-timer.ts'
import type { Clause, Host } from '../speech.ts'
import type { EmbeddedConfig } from './config.ts'
import { ESPEAK_DATA } from './espeak/espeak-data.ts'
import { EspeakEngine } from './espeak/espeak-engine.ts'
import type { Utterance } from './espeak/espeak-messages.ts'
import type { EspeakProcessOptions } from './espeak/espeak-process.ts'
import { espeakRuns } from './espeak/espeak-runs.ts'
import {
  type EspeakVoice,
  espeakFile,
  espeakLanguage,
  espeakVoice,
  espeakVoices,
} from './espeak/espeak-voices.ts'
import { spawnWorker } from './espeak/spawn-worker.ts'
import { undressed } from './espeak/undressed.ts'
import { withoutMarks } from './speech-marks.ts'

export interface EmbeddedDeps extends Partial<EspeakProcessOptions> {
  /** Throws when this build lacks the voice's data. */
  readonly find?: (name: string) => string
}

/** eSpeak's own pauses between words, which a cut between two voices would lose, less the 20 ms that it keeps. */
const PAUSES: readonly (readonly [mark: RegExp, ms: number])[] = [
  [/[.!?…。！？]["'”’」』）)\]]*\s*$/u, 290],
  [/[;:；：]\s*$/u, 210],
  [/[,，、]\s*$/u, 130],
]

/**
 * The voice inside sotto: eSpeak NG, 137 languages and accents, no network. It starts at once, in a worker.
 * Speed is left to the stretch, which is exact: eSpeak's own is up to 25 % off.
 */
export function embedded({ id, kind, fallback, slots }: EmbeddedConfig, deps: EmbeddedDeps = {}): Host {
  const engine = createEngine(deps)
  return {
    id,
    kind,
    fallback,
    slots,
    passesOver: true, // scripts and digits that a voice's language does not have
    voices: espeakVoices,
    has: (voice) => espeakVoice(voice) !== undefined,
    ready: engine.ready,
    obeys: () => false,
    async synthesize(clause, { signal }) {
      return engine.say(utterancesOf(clause), { signal })
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  }
}

type Engine = Pick<EspeakEngine, 'ready' | 'say' | typeof Symbol.asyncDispose>

function createEngine({ find = asset, spawn = spawnWorker, setTimer = setRealTimer }: EmbeddedDeps): Engine {
  try {
    find(ESPEAK_DATA)
  } catch (cause) {
    return withoutVoice(cause)
  }
  return new EspeakEngine({ spawn, setTimer })
}

function withoutVoice(cause: unknown): Engine {
  const error = new SpeechError(
    'This build has no embedded voice: use the build that has it, or configure another host',
    { code: 'unavailable', source: 'proxy', cause },
  )
  const ready = Promise.reject(error)
  ready.catch(() => {}) // for whoever asks
  return { ready, say: () => ready, async [Symbol.asyncDispose]() {} }
}

function utterancesOf({ voice, language, spoken }: Clause): Utterance[] {
  const asked = espeakVoice(voice)
  if (!asked) {
    throw new SpeechError(`Embedded voice cannot speak as ${voice}`, { code: 'invalid', source: 'client' })
  }
  const runs = espeakRuns(undressed(withoutMarks(spoken)), languageOf(asked, language))
  return runs.map((run, index) => ({
    voice: espeakFile(run.language, asked.variant),
    language: run.language,
    text: plain(run.text),
    pauseMs: index < runs.length - 1 ? pauseAfter(run.text) : 0,
  }))
}

/** The clause's own language, unless the voice's is the same, said more precisely: `en-gb-scotland` for `en`. */
function languageOf({ language }: EspeakVoice, tag: string | undefined): string | undefined {
  const asked = tag === undefined ? undefined : espeakLanguage(tag)
  return asked === undefined || language?.startsWith(`${asked}-`) ? language : asked
}

/** Keeps eSpeak from reading a text's tags, `[[phonemes]]` and control characters as orders. */
function plain(text: string): string {
  const words = text
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\[(?=\[)/g, '[ ')
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

const pauseAfter = (text: string): number => PAUSES.find(([mark]) => mark.test(text))?.[1] ?? 0
