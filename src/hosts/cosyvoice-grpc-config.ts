import * as z from 'zod'
import {
  type CosyvoiceModel,
  type CosyvoiceVoice,
  cosyvoiceHost,
  refuseVoices,
  type VoiceMistake,
  voiceMistakes,
} from './cosyvoice/config.ts'

/** The names are the same, the fields are not, and neither server tells which it is. */
const dialect = z.enum(['upstream', 'async-cosyvoice'])

/** CosyVoice's own gRPC server, `runtime/python/grpc`, and the fork `async_cosyvoice`. */
export const cosyvoiceGrpcConfig = z
  .strictObject({
    ...cosyvoiceHost,
    kind: z.literal('cosyvoice-grpc'),
    /** Whose messages it speaks: upstream's, or those of the fork `async-cosyvoice`. */
    dialect: dialect.default('upstream'),
    /**
     * What becomes of a call whose caller has left: `drain` reads it to its end, `abort` cancels it where that spares
     * the host anything. Upstream finishes the piece in work all the same, and its slot is taken for as long.
     */
    onAbandon: z.enum(['drain', 'abort']).default('drain'),
    /** The longest message taken from it, in bytes; a message is a whole piece of text. */
    maxMessageBytes: z.number().int().min(65_536).max(1_073_741_824).default(67_108_864),
    /**
     * How long a connection with calls on it may be silent before it is pinged, in milliseconds. gRPC's servers take
     * more than a few pings in 5 minutes of silence for an attack and hang up.
     */
    keepAliveMs: z.number().int().min(1_000).max(3_600_000).default(310_000),
  })
  .superRefine(({ dialect, model, voices }, context) => {
    if (dialect === 'async-cosyvoice' && model !== 'cosyvoice2' && model !== 'other') {
      const message = `must be cosyvoice2 with dialect async-cosyvoice, the model is ${model}`
      context.addIssue({ code: 'custom', path: ['model'], message })
    }
    refuseVoices(voices, context, (voice) => mistakesOf(voice, { dialect, model }))
  })

export type CosyvoiceGrpcConfig = z.infer<typeof cosyvoiceGrpcConfig>
export type CosyvoiceDialect = z.infer<typeof dialect>

/** Tells whether a voice is a clone that the fork keeps by name, so that no recording goes with its calls. */
export const isRegistered = ({ mode, spkId, promptWav }: CosyvoiceVoice): boolean =>
  (mode === 'zero_shot' || mode === 'instruct2') && spkId !== undefined && promptWav === undefined

interface At {
  readonly dialect: CosyvoiceDialect
  readonly model: CosyvoiceModel
}

function* mistakesOf(voice: CosyvoiceVoice, { dialect, model }: At): Generator<VoiceMistake> {
  const { mode } = voice
  if (dialect === 'upstream' && mode === 'instruct2') {
    yield ['mode', 'instruct2 is not among the calls of upstream’s gRPC server']
  } else if (dialect === 'async-cosyvoice' && mode === 'instruct') {
    yield ['mode', 'instruct is not among the calls of async-cosyvoice']
  } else if (dialect === 'async-cosyvoice' && isRegistered(voice)) {
    yield* registeredMistakes(voice)
  } else yield* voiceMistakes(voice, model)
}

function* registeredMistakes({ mode, promptText, instructions }: CosyvoiceVoice): Generator<VoiceMistake> {
  if (promptText) yield ['promptText', 'is not used with spkId: the host knows it']
  if (mode === 'zero_shot' && instructions) yield ['instructions', `is not used by mode ${mode}`]
  if (mode === 'instruct2' && !instructions) {
    yield ['instructions', `is needed for mode ${mode}: how to speak when a request does not say`]
  }
}
