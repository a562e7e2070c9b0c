import * as z from 'zod'

/** How often a clause is asked for again, and how soon. Only what nobody has heard is. */
export const attemptsConfig = z.strictObject({
  /** Further attempts after the first; a hedge is one of them. */
  tries: z.number().int().min(0).max(10).default(2),
  /** The wait before the same host is asked again, in milliseconds: a random one up to this, then up to twice, … */
  baseMs: z.number().int().min(1).max(60_000).default(200),
  /** The longest such wait, in milliseconds. A host that asks for a longer one is not waited for. */
  maxMs: z.number().int().min(1).max(600_000).default(10_000),
  /** Most retries and hedges of the whole process, as a share of its calls. */
  budgetShare: z.number().min(0).max(1).default(0.2),
  /** Retries and hedges that there may always be, a second. */
  budgetPerSecond: z.number().min(0).max(10_000).default(3),
  /** How long a host that takes no connections any more is expected back, and waited for, in seconds. */
  awaySeconds: z.number().min(0).max(3_600).default(5),
})

/** When a host, or a voice of it, is left alone. */
export const breakerConfig = z.strictObject({
  /** Different requests whose calls fail in a row. */
  failures: z.number().int().min(1).max(1_000).default(3),
  /** Or the share of calls that fail; those of one request, or of one bad text, count once. */
  failureShare: z.number().gt(0).max(1).default(0.5),
  /** Calls below which the share says nothing. */
  minCalls: z.number().int().min(1).max(100_000).default(20),
  /** How far back the share reaches, in seconds. */
  windowSeconds: z.number().min(1).max(3_600).default(10),
  /** How long it is left alone before one call tries it, in seconds. */
  openSeconds: z.number().min(0.1).max(3_600).default(30),
})

/** Whether a second host is asked when the first is slow with a reply's first clause. */
export const hedgeConfig = z.strictObject({
  enabled: z.boolean().default(false),
  /** The share of a host's latest first audios that a call must be slower than. */
  percentile: z.number().min(0.5).max(0.999).default(0.95),
  /** No call is hedged sooner, in milliseconds. */
  minMs: z.number().int().min(1).max(60_000).default(100),
})

/**
 * When the fallback voice stands in for hosts that cannot speak: `never`, from a reply's `first` clause on, or `always`,
 * which lets the voice change within a reply rather than end it.
 */
export const degradeConfig = z.enum(['never', 'first', 'always']).default('first')

export type BreakerConfig = z.infer<typeof breakerConfig>
export type DegradeConfig = z.infer<typeof degradeConfig>
