import * as z from 'zod'

/** How audio waits, flows and joins on its way to a listener. */
export const audioConfig = z.strictObject({
  /** Audio that the ring in front of a listener holds, in milliseconds. */
  ringMs: z.number().int().min(20).max(5_000).default(160),
  /** Audio that hosts may be ahead of a listener, in seconds. */
  lookaheadSeconds: z.number().min(0).max(600).default(6),
  /** Clauses that may be with hosts at once for one listener. */
  lookaheadClauses: z.number().int().min(1).max(64).default(3),
  /** Whether `lookaheadSeconds` count from what the listener has taken (`fast`) or can have heard by now (`realtime`). */
  pace: z.enum(['fast', 'realtime']).default('fast'),
  /** Audio of one clause that may wait for its listener, in seconds. */
  spoolSeconds: z.number().min(1).max(600).default(60),
  /** Audio of all clauses that may wait in this process, in bytes. */
  spoolBytes: z.number().int().min(1_000_000).default(256_000_000),
  /** Seconds that a listener may leave audio unread while its spool or the process has no room; then it is cut off. */
  stallSeconds: z.number().min(1).max(3_600).default(60),
  /** Whether silence at a clause's edges gives way to the pause that its punctuation asks for. */
  trim: z.boolean().default(true),
})

export type AudioConfig = z.infer<typeof audioConfig>
