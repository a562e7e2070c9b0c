import * as z from 'zod'
import { cosyvoiceHost, refuseVoices, voiceMistakes } from './cosyvoice/config.ts'

/** CosyVoice's own FastAPI server, `runtime/python/fastapi/server.py`, and what imitates it. */
export const cosyvoiceHttpConfig = z
  .strictObject({
    ...cosyvoiceHost,
    kind: z.literal('cosyvoice-http'),
    /** As elsewhere; `drain` leaves the host in good order. */
    onAbandon: z.enum(['drain', 'abort']).default('drain'),
  })
  .superRefine(({ model, voices }, context) =>
    refuseVoices(voices, context, (voice) => voiceMistakes(voice, model)),
  )

export type CosyvoiceHttpConfig = z.infer<typeof cosyvoiceHttpConfig>
