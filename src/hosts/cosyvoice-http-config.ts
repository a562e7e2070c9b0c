import * as z from 'zod'
import { cosyvoiceModel, cosyvoiceVoice, voiceMistakes } from './cosyvoice/config.ts'
import { common, httpUrl, languages, timeoutsConfig } from './remote/config.ts'

/** CosyVoice's own FastAPI server, `runtime/python/fastapi/server.py`, and what imitates it. */
export const cosyvoiceHttpConfig = z
  .strictObject({
    ...common,
    kind: z.literal('cosyvoice-http'),
    /** Where it listens, such as `http://127.0.0.1:50000`. */
    url: httpUrl('http://127.0.0.1:50000'),
    model: cosyvoiceModel,
    /** Samples a second of its replies, which do not say; 22050 for a 300M model, else 24000. */
    sampleRate: z.number().int().min(8_000).max(48_000).optional(),
    /**
     * What becomes of a reply whose caller has left: `drain` reads it to its end, so that the host is left in good
     * order, `abort` closes the connection.
     */
    onAbandon: z.enum(['drain', 'abort']).default('drain'),
    voices: z.array(cosyvoiceVoice).min(1),
    languages: languages.default([]),
    timeouts: timeoutsConfig.prefault({}),
    /** Sent with every call, for a gateway before the host. */
    headers: z.record(z.string().min(1), z.string()).default({}),
  })
  .superRefine(({ model, voices }, context) => {
    for (const [i, voice] of voices.entries()) {
      for (const [field, message] of voiceMistakes(voice, model)) {
        context.addIssue({ code: 'custom', path: ['voices', i, field], message })
      }
      if (voices.findIndex(({ id }) => id === voice.id) < i) {
        const message = `${JSON.stringify(voice.id)} is another voice's id already`
        context.addIssue({ code: 'custom', path: ['voices', i, 'id'], message })
      }
    }
  })

export type CosyvoiceHttpConfig = z.infer<typeof cosyvoiceHttpConfig>
