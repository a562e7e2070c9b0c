/** How long a host may take where its config says nothing else, in milliseconds; `config.ts` documents each. */
export const hostTimeouts = {
  connectMs: 5_000,
  firstAudioMs: 10_000,
  gapMs: 10_000,
  clauseMs: 60_000,
  perCharMs: 200,
  drainMs: 60_000,
} as const
