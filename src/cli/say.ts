import { extname } from 'node:path'
import { uuidv7 } from 'uuidv7'
import { loadConfig } from '../config.ts'
import { estimate } from '../dispatch/estimate.ts'
import { SpeechError } from '../errors.ts'
import { allowsRate, FORMATS } from '../pcm/encode.ts'
import { ring } from '../pcm/ring.ts'
import type { Services } from '../services.ts'
import type { Format, Speech } from '../speech.ts'
import { command } from './command.ts'
import { languageOf } from './language.ts'
import { factor, progress } from './progress.ts'
import { Failure, print, type Shell, UsageError } from './shell.ts'
import { openSoundFile, type SoundFile, soundPipe } from './sound-file.ts'
import { startServices } from './start.ts'
import { tellFirst, textSource, wholeText } from './text-source.ts'
import { voiceOf } from './voice-of.ts'

const FORMAT_NAMES = Object.keys(FORMATS) as Format[]

/** `sotto say`: text to a sound file or a pipe, through the same path as a request. */
export const say = command({
  name: 'say',
  summary: 'Speak a text into a file or a pipe',
  takes: '[text]',
  flags: {
    output: {
      short: 'o',
      value: 'FILE',
      help: 'Where the audio goes; its ending names the format; - is standard output',
    },
    file: { short: 'f', value: 'FILE', help: 'Read the text from a file; - is what is piped in' },
    voice: { short: 'v', value: 'VOICE', help: 'Who speaks (default: the first of sotto voices)' },
    language: {
      short: 'l',
      value: 'TAG',
      help: 'The language, such as en, zh or pt-BR (default: by voice and script)',
    },
    speed: { short: 's', value: 'FACTOR', help: 'From 0.25 to 4 (default: 1)' },
    format: {
      value: 'FORMAT',
      help: `${FORMAT_NAMES.join(', ')} (default: by the ending of FILE, else wav)`,
    },
    rate: {
      short: 'r',
      value: 'HZ',
      help: 'Samples a second, 8000 to 48000 (default: 24000, or what the format needs)',
    },
    instructions: { value: 'TEXT', help: 'Tone and style in free words, for hosts that follow them' },
    config: { short: 'c', value: 'FILE', help: 'The config file (default: sotto.yaml)' },
  },
  help: `
Text that is piped in is spoken while it is still being written. A file appears under its name when it is whole:
after a failure or Ctrl-C there is none. Into a pipe audio goes at once; the exit code tells whether it is whole.

Examples:
  sotto say "Hello from the edge." -o hello.mp3
  sotto say --file story.txt --voice en-gb --speed 1.2 -o story.opus
  llm "Tell me a story" | sotto say -o - | ffplay -nodisp -autoexit -
  sotto say "你好，世界。" -o - --format pcm --rate 16000 | aplay -f S16_LE -r 16000`,
  async run({ values, words }, shell) {
    const { output, format, rate } = target(values)
    const speed = speedOf(values.speed)
    const language = languageOf(values.language)
    const source = await textSource({ words, file: values.file }, shell)
    const text = source.live ? source.text : await wholeText(source)
    const loaded = loadConfig({ path: values.config, env: shell.env, cwd: shell.cwd })
    await using services = startServices(loaded, shell)
    const { instructions } = values
    const voice = voiceOf(values.voice, services.voices)
    const manner = { voice, language, speed, instructions }
    const speech: Speech = { id: uuidv7(), text, ...manner, format, sampleRate: rate, lexicon: [] }
    await using sound =
      output === '-' ? soundPipe(shell.stdout) : await openSoundFile(output, { format, rate, cwd: shell.cwd })
    const summary = await speakInto(sound, { speech, services, shell }).catch((thrown: unknown) => {
      throw reasonOf(thrown, services)
    })
    await print(shell.stderr, output === '-' ? summary : `${output}: ${summary}`)
  },
})

interface Target {
  readonly output: string
  readonly format: Format
  readonly rate: number
}

function target(values: {
  readonly output?: string
  readonly format?: string
  readonly rate?: string
}): Target {
  const { output } = values
  if (!output) throw new UsageError('Say where the audio goes: -o hello.mp3 for a file, -o - for a pipe')
  const format = values.format === undefined ? formatOf(output) : formatNamed(values.format)
  const { defaultRate, rates } = FORMATS[format]
  const rate = values.rate === undefined ? defaultRate : Number(values.rate)
  if (allowsRate(format, rate)) return { output, format, rate }
  throw new UsageError(`${format} cannot have a rate of ${values.rate}; use ${rates}`)
}

function formatNamed(name: string): Format {
  const format = FORMAT_NAMES.find((each) => each === name)
  if (!format) throw new UsageError(`There is no format ${name}; use one of ${FORMAT_NAMES.join(', ')}`)
  return format
}

const OTHER_ENDINGS: Readonly<Record<string, Format>> = { ogg: 'opus', raw: 'pcm', ulaw: 'mulaw' }

function formatOf(output: string): Format {
  if (output === '-') return 'wav'
  const ending = extname(output).slice(1).toLowerCase()
  const format = FORMAT_NAMES.find((each) => each === ending || FORMATS[each].extension === ending)
  const found = format ?? OTHER_ENDINGS[ending]
  if (found) return found
  const endings = FORMAT_NAMES.map((each) => `.${FORMATS[each].extension}`).join(', ')
  const what = ending ? `There is no format ${ending}` : `${output} does not tell its format`
  throw new UsageError(`${what}; end the name with one of ${endings}, or give --format`)
}

function speedOf(text = '1'): number {
  const speed = Number(text)
  if (text.trim() !== '' && speed >= 0.25 && speed <= 4) return speed
  throw new UsageError(`--speed must be a number from 0.25 to 4, current value is ${text}`)
}

interface SpeakInto {
  readonly speech: Speech
  readonly services: Services
  readonly shell: Shell
}

/** Speaks to the end and tells in a line how it went, from the first text that there was to say. */
async function speakInto(sound: SoundFile, { speech, services, shell }: SpeakInto): Promise<string> {
  let started = performance.now()
  const elapsed = () => (performance.now() - started) / 1000
  const text =
    typeof speech.text === 'string'
      ? speech.text
      : tellFirst(speech.text, () => {
          started = performance.now() // until then only its writer has kept us waiting
        })
  const reply = await services.speak({ ...speech, text }, { signal: shell.signal })
  const first = elapsed()
  using bar = progress(
    shell.stderr,
    typeof speech.text === 'string' ? expected(speech, speech.text) : undefined,
  )
  for await (const bytes of untilAborted(ring(reply.audio, reply), shell.signal)) {
    await sound.write(bytes)
    bar.update(reply.seconds, elapsed())
  }
  await sound.finish(Math.round(reply.seconds * speech.sampleRate))
  const took = elapsed()
  if (reply.degradedTo !== undefined)
    await print(
      shell.stderr,
      `No other host could speak: ${reply.degradedTo} has stood in with a voice of its own`,
    )
  return `${reply.seconds.toFixed(2)} s of speech in ${took.toFixed(2)} s (real-time factor ${factor(reply.seconds, took)}), first audio after ${Math.round(first * 1000)} ms`
}

/** What went wrong in the user's words: with the text itself, or why no host can speak, which a server tells at `/readyz`. */
function reasonOf(thrown: unknown, { router }: Services): unknown {
  if (!(thrown instanceof SpeechError)) return thrown
  if (thrown.cause instanceof Failure) return thrown.cause
  if (thrown.code !== 'unavailable' || router.troubles.length === 0) return thrown
  return new Failure(`${thrown.message}: ${router.troubles.join('; ')}`, { cause: thrown })
}

const expected = ({ speed }: Speech, spoken: string): number => estimate({ spoken, speed })

/** Reads to the end; an abort cancels the stream, which ends the work behind it, and throws its reason. */
async function* untilAborted<T>(stream: ReadableStream<T>, signal: AbortSignal): AsyncGenerator<T> {
  const reader = stream.getReader()
  // Not awaited: a cancel settles only when the host is free, and the user wants to be gone.
  const stop = () => void reader.cancel(signal.reason).catch(() => {})
  signal.addEventListener('abort', stop, { once: true })
  try {
    for (;;) {
      signal.throwIfAborted()
      const { done, value } = await reader.read()
      signal.throwIfAborted() // a cancelled stream ends as if it were whole
      if (done) return
      yield value
    }
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}
