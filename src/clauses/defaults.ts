/** The settings that hold where none are given; `config.ts` documents each. */
export const clauseDefaults = {
  firstChars: 24,
  minChars: 8,
  maxChars: 200,
  maxBufferDelayMs: 150,
  pauses: { clause: 120, sentence: 320, paragraph: 600 },
} as const

/** Most characters of a lexicon entry's replacement; no clause grows by more. */
export const LONGEST_REPLACEMENT = 1_000
/** Characters by which all replacements may make a text longer, as may so many as it has: else one request could take hours. */
export const MOST_ADDED = 10_000

/** As {@link clauseDefaults}, for what is made speakable. */
export const textDefaults = {
  maxChars: 4096,
  controls: true,
  markdown: true,
  emoji: true,
  urls: true,
} as const
