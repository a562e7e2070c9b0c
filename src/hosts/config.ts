import * as z from 'zod'
import { batchConfig } from './batch-config.ts'
import { cosyvoiceGrpcConfig } from './cosyvoice-grpc-config.ts'
import { cosyvoiceHttpConfig } from './cosyvoice-http-config.ts'
import { openaiConfig } from './openai-config.ts'
import { common } from './remote/config.ts'

const { id, slots, fallback } = common

/** The voice inside sotto. */
export const embeddedConfig = z.strictObject({ id, slots, fallback, kind: z.literal('embedded') })

/** Any host, told by its `kind`. */
export const hostConfig = z.discriminatedUnion('kind', [
  cosyvoiceHttpConfig,
  cosyvoiceGrpcConfig,
  openaiConfig,
  batchConfig,
  embeddedConfig,
])

export type HostConfig = z.infer<typeof hostConfig>
export type EmbeddedConfig = z.infer<typeof embeddedConfig>
