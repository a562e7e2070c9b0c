import { SpeechError } from '../errors.ts'
import type { Clause, LexiconEntry, Manner, Voice } from '../speech.ts'
import { widthOf } from './characters.ts'
import type { ClausesConfig, TextConfig } from './config.ts'
import type { Piece } from './cutter.ts'
import { clauseDefaults, LONGEST_REPLACEMENT, MOST_ADDED } from './defaults.ts'
import { lexicon } from './lexicon.ts'
import { speakable } from './speakable/speakable.ts'
import { Splitter } from './splitter.ts'
import { isSpeakable, terminated, withoutControl } from './spoken.ts'

export interface ClausesOptions {
  readonly manner: Manner
  /** What is known of the manner's voice. @default one of any language that is no clone */
  readonly voice?: Pick<Voice, 'languages' | 'transcript'> | undefined
  /** Applied to what is said, not to what is shown; earlier entries win. @default [] */
  readonly lexicon?: readonly LexiconEntry[]
  readonly clauses?: Partial<ClausesConfig>
  readonly text?: Partial<TextConfig>
}

/** A text goes in by pieces, so that a long one costs no more memory at once than a short one, nor more time for its length. */
const PIECE = 1024

function* piecesOf(text: string): Generator<string, void> {
  for (let at = 0; at < text.length; at += PIECE) yield text.slice(at, at + PIECE)
}

/** Cuts a whole text into clauses, no further than they are taken. */
export function* clausesOf(text: string, options: ClausesOptions): Generator<Clause, void> {
  const clauses = new Clauses(options)
  for (const piece of piecesOf(text)) yield* clauses.push(piece)
  yield* clauses.end()
}

/** Cuts a text that comes in pieces; each call gives the clauses that are sure now. */
export class Clauses {
  readonly #splitter: Splitter
  readonly #toClause: (piece: Piece) => Clause[]

  constructor(options: ClausesOptions) {
    const { clauses = {}, text = {}, voice } = options
    this.#splitter = new Splitter({
      clauses: clonable(clauses, voice?.transcript),
      speakable: speakable(text),
    })
    this.#toClause = clauseMaker(options)
  }

  /** Whether what is held back is likely to be a whole sentence. */
  get isLikelyEnd(): boolean {
    return this.#splitter.isLikelyEnd
  }

  push(text: string): Clause[] {
    return [...piecesOf(text)].flatMap((piece) => this.#splitter.push(piece).flatMap(this.#toClause))
  }

  /** Gives what is held back, since it is to be said now. */
  flush(): Clause[] {
    return this.#splitter.flush().flatMap(this.#toClause)
  }

  end(): Clause[] {
    return this.#splitter.end().flatMap(this.#toClause)
  }
}

/** With clauses of at least half of what a clone's recording says, as far as the longest allow: CosyVoice misbehaves below. */
function clonable(clauses: Partial<ClausesConfig>, transcript = ''): Partial<ClausesConfig> {
  if (transcript === '') return clauses
  const { firstChars, minChars, maxChars } = { ...clauseDefaults, ...clauses }
  const least = Math.min(Math.ceil(widthOf(transcript) / 2), Math.floor(maxChars / 2))
  return { ...clauses, firstChars: Math.max(firstChars, least), minChars: Math.max(minChars, least) }
}

/** Gives pieces their place, sound and pause, shorter as the speed is higher; one that the lexicon leaves nothing of makes no clause. */
function clauseMaker(options: ClausesOptions): (piece: Piece) => Clause[] {
  const { manner, voice: known, lexicon: entries = [], clauses = {} } = options
  const pauses = { ...clauseDefaults.pauses, ...clauses.pauses }
  const pauseMs = {
    soft: pauses.clause,
    sentence: pauses.sentence,
    line: pauses.sentence,
    paragraph: pauses.paragraph,
    forced: 0,
  }
  const { voice, language } = manner
  const say = lexicon(entries, { voice, languages: language === undefined ? known?.languages : [language] })
  const longest = (clauses.maxChars ?? clauseDefaults.maxChars) + LONGEST_REPLACEMENT
  let [index, shown, added] = [0, 0, 0]
  return ({ text, ending }) => {
    const said = say(text)
    if (!isSpeakable(said)) return []
    shown += text.length
    added += said.length - text.length
    if (said.length > longest) throw swollen(`a clause longer than ${longest} characters`)
    if (added > MOST_ADDED && added > shown) throw swollen(`${added} characters more of ${shown}`)
    const spoken = terminated(withoutControl(said))
    return [{ ...manner, index: index++, text, spoken, pauseMs: pauseMs[ending] / manner.speed }]
  }
}

const swollen = (what: string) =>
  new SpeechError(`lexicon: the request's and the config's make ${what}; replace less, or by less`, {
    code: 'invalid',
    source: 'client',
    field: 'lexicon',
  })
