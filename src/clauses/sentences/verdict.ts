import { characterAt, isHan, isLower } from '../characters.ts'

const MAX_WORD = 40
const MAX_NEXT_WORD = 16

/** What is known where a mark that may end a sentence was met. */
export interface Candidate {
  readonly text: string
  /** Index of the mark. */
  readonly at: number
  /** How the sentence begins: its first characters up to the mark, 48 at most. */
  readonly lead: string
  /** Closing marks awaited there, innermost last. */
  readonly open: string
  /** Whether they have been awaited for so long that sentences end all the same. */
  readonly isStale: boolean
  /** Whether `text` is all there will be. */
  readonly final: boolean
}

/** `more` asks for further text; else `to` is where the sentence ends or may be cut, or how far neither is so. */
export type Verdict =
  | { readonly kind: 'end' | 'pause' | 'inside'; readonly to: number }
  | { readonly kind: 'more' }

/** Asks for further text. */
export const MORE: Verdict = { kind: 'more' }
/** A sentence ends at `to`. */
export const end = (to: number): Verdict => ({ kind: 'end', to })
/** A sentence within the sentence ends at `to`: one in a quotation. */
export const pause = (to: number): Verdict => ({ kind: 'pause', to })
/** No sentence ends up to `to`. */
export const inside = (to: number): Verdict => ({ kind: 'inside', to })

/** A mark with its closers, and what comes right behind them. */
export interface Tail {
  /** Where the run of marks ends. */
  readonly run: number
  /** Where the closers behind it end. */
  readonly to: number
  readonly open: string
}

/** After these a sentence goes on. */
export const continues = (character: string): boolean =>
  /[,;:，、；：､،؛)\]}）】》」』〉%&/=+]/.test(character)

/** Whether a character is a dash that may begin a remark. */
export const isDash = (character: string): boolean => /^[—–]/.test(character)

/** `«Привет!» — сказал он`: behind a dash a small letter goes on with the sentence. */
export function afterDash({ text, final }: Candidate, to: number): Verdict {
  const next = text[to + 2] === ' ' ? characterAt(text, to + 3) : characterAt(text, to + 2)
  if (next === '' && !final) return MORE
  return isLower(next) ? inside(to) : end(to)
}

/** The whole text is in lower case, so a small letter says nothing. */
export const inLowerCase = (lead: string): boolean => isLower(/\p{L}/u.exec(lead)?.[0] ?? '')

/** The character behind a space, `''` at the end of the text; undefined when it is still to come. */
export const firstBehind = ({ text, final }: Candidate, space: number): string | undefined =>
  space + 1 < text.length ? characterAt(text, space + 1) : final ? '' : undefined

const isEdge = (character: string): boolean => /[\s()[\]{}"“”„«»‘/<>]/.test(character) || isHan(character)

/** The word that ends at an index, with the dots, hyphens and apostrophes in it; its last 40 characters. */
export function wordBefore(text: string, at: number): string {
  let from = at
  while (from > 0 && at - from < MAX_WORD && !isEdge(text[from - 1] ?? '')) from--
  return text.slice(from, at).replace(/^[^\p{L}\p{N}№§]+/u, '')
}

/** The word at an index, cut at 16 characters; undefined when it may not be whole. */
export function wordAt({ text, final }: Candidate, at: number): string | undefined {
  const found = /^[\p{L}\p{M}\p{N}'’]*/u.exec(text.slice(at, at + MAX_NEXT_WORD))?.[0] ?? ''
  return !final && at + found.length >= text.length && found.length < MAX_NEXT_WORD ? undefined : found
}
