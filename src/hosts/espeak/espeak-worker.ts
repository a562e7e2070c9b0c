// The only file that imports eSpeak NG (GPL-3.0): a build without the voice leaves out this file and its data.
import untyped from '@echogarden/espeak-ng-emscripten'
import { asset } from '../../run/asset.ts'
import type { Samples } from '../../speech.ts'
import { ESPEAK_DATA, ESPEAK_RATE } from './espeak-data.ts'
import { EspeakFiles } from './espeak-files.ts'
import type { EspeakMessage, SayMessage, Utterance } from './espeak-messages.ts'
import type { EspeakSpeaker, StartEspeak } from './espeak-ng.ts'

const startEspeak = untyped as StartEspeak

/** What is used of a worker's global scope, whose types clash with a page's. */
interface Scope {
  onmessage: (event: { readonly data: SayMessage }) => void
  postMessage(message: EspeakMessage, transfer?: readonly ArrayBuffer[]): void
}

const scope = globalThis as unknown as Scope

/** The first words take thirty times as long as the next: they are said here, to nobody, in both main languages. */
const WARM_UP: readonly Utterance[] = [
  { voice: 'gmw/en', language: 'en', text: 'Hello.', pauseMs: 0 },
  { voice: 'sit/cmn', language: 'cmn', text: '你好。', pauseMs: 0 },
]

async function start(): Promise<void> {
  const files = await EspeakFiles.open(asset(ESPEAK_DATA))
  const espeak = await startEspeak({ getPreloadedPackage: () => files.store })
  await files.attach(espeak.FS)
  const speaker = await new espeak.eSpeakNGWorker()
  const say = (utterances: readonly Utterance[], heard: (samples: Samples) => boolean) =>
    sayAll(utterances, { files, speaker, heard })

  await say(WARM_UP, () => false)
  scope.onmessage = ({ data: { say: utterances, stop } }) => {
    const heard = (samples: Samples) => {
      if (Atomics.load(stop, 0) !== 0) return true
      if (samples.length > 0) scope.postMessage({ samples }, [samples.buffer])
      return false
    }
    say(utterances, heard).then(() => scope.postMessage({ free: true }), fail)
  }
  scope.postMessage({ free: true })
}

interface SayOptions {
  readonly files: EspeakFiles
  readonly speaker: EspeakSpeaker
  /** Takes the audio as it is made; stops it by giving true. */
  readonly heard: (samples: Samples) => boolean
}

async function sayAll(
  utterances: readonly Utterance[],
  { files, speaker, heard }: SayOptions,
): Promise<void> {
  for (const { voice, language, text, pauseMs } of utterances) {
    await files.fetch(language)
    if (speaker.set_voice(voice) !== 0) throw new Error(`eSpeak has no voice ${voice}`)
    let stopped = false
    speaker.synthesize(text, (samples) => (stopped = heard(samples)))
    stopped ||= heard(new Int16Array(Math.round((pauseMs / 1000) * ESPEAK_RATE)))
    if (stopped) return
  }
}

/** After an exception eSpeak is in no known state: whoever hears of it ends this worker. */
const fail = (thrown: unknown) => scope.postMessage({ failed: String(thrown) })

start().catch(fail)
