import { ClauseStream } from '../clauses/clause-stream.ts'
import { SentenceStream } from '../clauses/sentences/sentence-stream.ts'
import { type Config, type LoadedConfig, loadConfig } from '../config.ts'
import type { Clause, Voice } from '../speech.ts'
import { streamFrom } from '../stream-from.ts'
import { command } from './command.ts'
import { languageOf } from './language.ts'
import { print, type Shell } from './shell.ts'
import { startServices } from './start.ts'
import { textSource } from './text-source.ts'
import { voiceOf } from './voice-of.ts'

/** `sotto split`: how a text would be cut, one clause a line. */
export const split = command({
  name: 'split',
  summary: 'Show how a text is cut into clauses, one a line',
  takes: '[text]',
  flags: {
    file: { short: 'f', value: 'FILE', help: 'Read the text from a file; - is what is piped in' },
    json: { help: 'One JSON object a line: index, text, spoken, pauseMs' },
    sentences: {
      help: 'Plain sentence boundaries: no early first piece, nothing merged, nothing made speakable',
    },
    language: { value: 'TAG', help: 'The language of the text, such as zh: for entries of the lexicon' },
    voice: {
      value: 'VOICE',
      help: 'The voice: for its entries of the lexicon, and longer clauses for a clone (default: the first)',
    },
    config: { short: 'c', value: 'FILE', help: 'The config file (default: sotto.yaml)' },
  },
  help: `
Cuts as a host would be asked: with the config's clauses, text and lexicon. Clauses appear as soon as they
are sure, so a pipe may be read while it is written, and a long file takes little memory.

Examples:
  sotto split "Hello, Dr. Smith. It is 3.14 km."
  sotto split --json --file story.txt
  echo "第一句。第二句！" | sotto split --sentences`,
  async run({ values, words }, shell) {
    const language = languageOf(values.language)
    const { text: source } = await textSource({ words, file: values.file }, shell)
    const text = typeof source === 'string' ? streamFrom([source]) : source
    const loaded = loadConfig({ path: values.config, env: shell.env, cwd: shell.cwd })
    const clauses = values.sentences
      ? text.pipeThrough(new SentenceStream()).pipeThrough(numbered())
      : text.pipeThrough(
          clauseStream(loaded.config, { voice: await voiceNamed(values.voice, loaded, shell), language }),
        )
    for await (const clause of clauses) {
      await print(shell.stdout, values.json ? JSON.stringify(clause, SHOWN) : oneLine(clause.text))
    }
  },
})

const SHOWN = ['index', 'text', 'spoken', 'pauseMs']

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ')

/** The voice of that name, or of none what requests for no one get; the embedded ones are alike, and need not be started. */
async function voiceNamed(
  name: string | undefined,
  loaded: LoadedConfig,
  shell: Shell,
): Promise<Voice | undefined> {
  if (name === undefined && loaded.config.hosts.every(({ kind }) => kind === 'embedded')) return undefined
  await using services = startServices(loaded, shell)
  return services.voices.of(voiceOf(name, services.voices))
}

interface Spoken {
  readonly voice: Voice | undefined
  readonly language: string | undefined
}

function clauseStream({ text, clauses, lexicon }: Config, { voice, language }: Spoken): ClauseStream {
  const manner = { voice: voice?.id ?? '', language, speed: 1 }
  // Not live: how fast a pipe is written must not change what is shown.
  return new ClauseStream({ manner, voice, lexicon, text, clauses, live: false })
}

/** Gives sentences the shape of clauses. */
function numbered(): TransformStream<string, Pick<Clause, 'index' | 'text'>> {
  let index = 0
  return new TransformStream({
    transform: (text, controller) => controller.enqueue({ index: index++, text }),
  })
}
