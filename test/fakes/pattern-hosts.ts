import process from 'node:process'
import { parseArgs } from 'node:util'
import { startBatchServer } from './batch-server.ts'
import { type GrpcBehaviour, type GrpcFakeCall, startCosyvoiceGrpcServer } from './cosyvoice-grpc-server.ts'
import { type HostProcess, startHostProcess } from './host-process.ts'
import type { HttpCall, Trouble } from './http-server.ts'
import { startOpenaiServer } from './openai-server.ts'
import { atFirst } from './pattern-sotto.ts'
import { patternOf, patternPieces } from './pattern-voice.ts'

/** How quick a host is. */
interface Haste {
  /** Time to the first audio of a reply. @default 0 */
  readonly firstByteMs?: number
  /** Computing time by audio time, of a host that sends audio as it makes it. @default 0 */
  readonly rtf?: number
}

interface PatternHostOptions extends Haste {
  /** @default a free one */
  readonly port?: number
  /** One of its kind's faults. @default none */
  readonly fault?: string
  /** How often it has it for each text. @default each time */
  readonly times?: number
}

/** A host that says its texts in a pattern that tells them apart. */
export interface PatternHost extends AsyncDisposable {
  readonly url: string
  readonly calls: readonly unknown[]
  /** All that it was asked to say, in order. */
  readonly texts: readonly string[]
}

/** What hosts of one kind are like. */
export interface PatternKind {
  /** Their settings in the config, beside name and address. */
  readonly settings: object
  /** Whether audio comes before all of it is made. */
  readonly isStreamed: boolean
  /** Names of the faults in which a reply hangs before its audio. */
  readonly hangs: readonly string[]
  /** Names of the faults in which a reply is cut and none of its audio can have been heard. */
  readonly cuts: readonly string[]
  start(options?: PatternHostOptions): Promise<PatternHost>
  /** Starts it in a process of its own. */
  startProcess(haste?: Haste): Promise<HostProcess>
}

interface KindOptions<Call, Fault extends object> extends Pick<PatternKind, 'settings' | 'isStreamed'> {
  readonly hangs: Readonly<Record<string, Fault>>
  readonly cuts: Readonly<Record<string, Fault>>
  textsOf(call: Call): readonly string[]
  start(options: ServerOptions<Call, Fault>): Promise<PatternServer<Call>>
}

interface ServerOptions<Call, Fault> extends Omit<PatternHostOptions, 'fault' | 'times'> {
  readonly behave: (call: Call) => Partial<Fault>
}

interface PatternServer<Call> {
  readonly url: string
  readonly calls: readonly Call[]
  close(): Promise<void>
}

const VOICES = ['anna']
const SETTINGS = { voices: [{ id: 'anna' }], sampleRate: 24_000 }
const MUTE: Readonly<Record<string, Trouble>> = { 'hangs before its headers': { hang: 'headers' } }
const hangsIn = (contentType: string): Readonly<Record<string, Trouble>> => ({
  'hangs before its audio': { hang: 'body', contentType },
})
const CUTS: Readonly<Record<string, Trouble>> = { 'cuts its reply before any audio': { cutAfterBytes: 0 } }

const grpc: KindOptions<GrpcFakeCall, GrpcBehaviour> = {
  settings: { ...SETTINGS, kind: 'cosyvoice-grpc', model: 'other', voices: [{ id: 'anna', mode: 'sft' }] },
  isStreamed: true,
  hangs: { 'hangs before its audio': { hang: true } },
  cuts: {
    'cuts its connection at once': { cutAfterMessages: 0 },
    // late enough not to be taken for one that was closed while idle
    'cuts its connection before any audio': { cutAfterMessages: 0, firstByteMs: 300 },
  },
  textsOf: ({ text }) => [text],
  start: (options) =>
    startCosyvoiceGrpcServer({ ...options, model: 'cosyvoice2', voices: VOICES, speak: patternPieces }),
}

const openai: KindOptions<HttpCall, Trouble> = {
  settings: { ...SETTINGS, kind: 'openai', model: 'tts' },
  isStreamed: true,
  hangs: { ...MUTE, ...hangsIn('audio/pcm') },
  cuts: CUTS,
  textsOf: ({ body }) => [String(body.input)],
  start: (options) =>
    startOpenaiServer({ ...options, flavour: 'vllm-omni', voices: VOICES, speak: patternPieces }),
}

const batch: KindOptions<HttpCall, Trouble> = {
  settings: { ...SETTINGS, kind: 'batch' },
  isStreamed: false,
  hangs: { ...MUTE, ...hangsIn('application/json') },
  cuts: { ...CUTS, 'cuts its reply within the audio': { cutAfterBytes: 20_001 } },
  textsOf: ({ body }) => body.texts as string[],
  start: (options) => startBatchServer({ ...options, voices: VOICES, speak: patternOf }),
}

/** Kinds of hosts beside `cosyvoice-http`, and the ways in which they reply. */
export const PATTERN_KINDS: Readonly<Record<string, PatternKind>> = {
  'cosyvoice-grpc': kindOf('cosyvoice-grpc', grpc),
  openai: kindOf('openai', openai),
  'openai (events)': kindOf('openai (events)', {
    ...openai,
    settings: { ...openai.settings, stream: 'sse' },
    hangs: hangsIn('text/event-stream'),
  }),
  'openai (whole)': kindOf('openai (whole)', {
    ...openai,
    settings: { ...openai.settings, stream: 'none' },
    isStreamed: false,
    hangs: hangsIn('audio/pcm'),
  }),
  batch: kindOf('batch', batch),
}

function kindOf<Call, Fault extends object>(name: string, kind: KindOptions<Call, Fault>): PatternKind {
  const { settings, isStreamed, hangs, cuts, textsOf } = kind
  return {
    settings,
    isStreamed,
    hangs: Object.keys(hangs),
    cuts: Object.keys(cuts),
    async start({ fault, times = Infinity, ...options } = {}) {
      const misbehave = atFirst<Fault>({ ...hangs, ...cuts }[fault ?? ''] ?? ({} as Fault), { times })
      const behave = (call: Call): Partial<Fault> =>
        Object.assign({}, ...textsOf(call).map((text) => misbehave({ text })))
      const server = await kind.start({ ...options, behave })
      return {
        url: server.url,
        calls: server.calls,
        get texts() {
          return server.calls.flatMap(textsOf)
        },
        [Symbol.asyncDispose]: () => server.close(),
      }
    },
    startProcess: ({ firstByteMs = 0, rtf = 0 } = {}) =>
      startHostProcess(
        'pattern-hosts.ts',
        ...['--kind', name, '--first-byte-ms', `${firstByteMs}`, '--rtf', `${rtf}`],
      ),
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '50000' },
      kind: { type: 'string', default: 'openai' },
      'first-byte-ms': { type: 'string', default: '0' },
      rtf: { type: 'string', default: '0' },
    },
  })
  const { url } = await PATTERN_KINDS[values.kind]!.start({
    port: Number(values.port),
    firstByteMs: Number(values['first-byte-ms']),
    rtf: Number(values.rtf),
  })
  process.stdout.write(`listening on ${url}\n`)
}
