import * as z from 'zod'
import { clauseDefaults, LONGEST_REPLACEMENT, textDefaults } from './defaults.ts'

/** Where text is cut. Lengths count a wide character (Chinese, Japanese, Korean) as two. */
export const clausesConfig = z
  .strictObject({
    /** Least length of the first piece of the first sentence; each further piece of it is at least twice as long. */
    firstChars: z.number().int().min(1).max(10_000).default(clauseDefaults.firstChars),
    /** A shorter sentence is said together with the next one of its paragraph. */
    minChars: z.number().int().min(1).max(1_000).default(clauseDefaults.minChars),
    /** No clause is longer: it is cut at a comma, else between words, else between graphemes. */
    maxChars: z.number().int().min(16).max(10_000).default(clauseDefaults.maxChars),
    /** How long live text may be silent after a likely sentence end before that end is taken, in milliseconds. */
    maxBufferDelayMs: z.number().int().min(0).max(60_000).default(clauseDefaults.maxBufferDelayMs),
    /** Silence after a clause that ends at a comma, a sentence or a paragraph, in milliseconds at speed 1. */
    pauses: z
      .strictObject({
        clause: z.number().min(0).max(60_000).default(clauseDefaults.pauses.clause),
        sentence: z.number().min(0).max(60_000).default(clauseDefaults.pauses.sentence),
        paragraph: z.number().min(0).max(60_000).default(clauseDefaults.pauses.paragraph),
      })
      .prefault({}),
  })
  .refine(({ minChars, maxChars }) => minChars * 2 <= maxChars, {
    path: ['minChars'],
    error: 'must be at most half of maxChars',
  })

/** What is accepted as text, and what of it is made speakable. */
export const textConfig = z.strictObject({
  /** Longest text of one request, in characters. */
  maxChars: z.number().int().min(1).max(10_000_000).default(textDefaults.maxChars),
  /** Whether control and invisible characters and a terminal's colours are taken out. */
  controls: z.boolean().default(textDefaults.controls),
  /** Whether Markdown and HTML marks are taken out; fenced code, scripts, styles and comments are then left unsaid. */
  markdown: z.boolean().default(textDefaults.markdown),
  /** Whether emoji are left unsaid. */
  emoji: z.boolean().default(textDefaults.emoji),
  /** Whether `https://www.example.com/path` is said as `example.com`. */
  urls: z.boolean().default(textDefaults.urls),
})

/** A word or pattern and how to say it instead; see `LexiconEntry` in `speech.ts`. */
export const lexiconEntry = z.strictObject({
  pattern: z.string().trim().min(1).max(200),
  replacement: z.string().max(LONGEST_REPLACEMENT),
  ignoreCase: z.boolean().optional(),
  language: z.string().min(2).max(35).optional(),
  voice: z.string().min(1).max(200).optional(),
})

export type ClausesConfig = z.infer<typeof clausesConfig>
export type TextConfig = z.infer<typeof textConfig>
