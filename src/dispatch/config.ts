import * as z from 'zod'

/** The queue in front of one host. Characters: a Chinese, Japanese or Korean one counts three. */
export const queueConfig = z.strictObject({
  /** Clauses that may wait; the last eighth is for speeches that have begun. */
  maxRequests: z.number().int().min(1).max(1_000_000).default(4_096),
  /** Characters that may wait; the last eighth is for speeches that have begun. */
  maxChars: z.number().int().min(1).default(1_000_000),
  /** The longest wait, estimated by how fast the host has been, with which a speech may begin, in milliseconds. */
  maxWaitMs: z.number().int().min(1).max(3_600_000).default(30_000),
  /** How long a clause waits to become as urgent as a newer one of the next higher rank, in milliseconds. */
  agingMs: z.number().int().min(1).max(3_600_000).default(2_000),
})

/** Who shares the hosts, and on what terms. */
export const tenantConfig = z.strictObject({
  /** Its name in requests, metrics and messages. */
  id: z.string().min(1).max(100),
  /** Its share of a busy host, relative to the others'. */
  weight: z.number().min(0.01).max(1_000).default(1),
  /** The highest priority that its requests may ask for. */
  maxPriority: z.number().int().min(-10).max(10).default(0),
  /** How long its requests may take to first audio when they do not say, in milliseconds; for ever when absent. */
  deadlineMs: z.number().int().min(1).max(3_600_000).optional(),
  /** Characters that may wait for it at one host when a speech begins; as many as the queue takes when absent. */
  maxQueuedChars: z.number().int().min(1).optional(),
  /** Whether a fallback voice may speak when no host can; its requests fail when not. */
  degrade: z.boolean().default(true),
})

export type QueueConfig = z.infer<typeof queueConfig>
export type TenantConfig = z.infer<typeof tenantConfig>
