import type { Stage } from '../speech.ts'
import type { ClausesConfig } from './config.ts'
import { Cutter, type Piece } from './cutter.ts'
import { clauseDefaults } from './defaults.ts'
import { Scanner } from './sentences/scanner.ts'
import { isSpeakable } from './spoken.ts'

// A stop with its closers, all that has come of what may be a sentence's end.
const LIKELY_END = /[.!?…。！？｡؟।]["'”’»)\]）】》」』〉*_~`\s]*$/u

export interface SplitterOptions {
  readonly clauses?: Partial<ClausesConfig>
  /** Makes text speakable before it is cut. */
  readonly speakable?: Speakable
}

/** A stage that can also be asked for what it holds back without being ended. */
export interface Speakable extends Stage<string, string> {
  /** Gives what was held back; the next text is as new. */
  flush(): string
  readonly held: string
}

/** Cuts text into pieces to say, as it comes. Synchronous; the pieces do not depend on the chunks. */
export class Splitter implements Stage<string, Piece[]> {
  readonly #speakable: Speakable | undefined
  readonly #cutter: Cutter
  readonly #scanner: Scanner
  #pieces: Piece[] = []

  constructor({ clauses = {}, speakable }: SplitterOptions = {}) {
    this.#speakable = speakable
    this.#cutter = new Cutter({ ...clauseDefaults, ...clauses }, (piece) => this.#give(piece))
    this.#scanner = new Scanner(this.#cutter)
  }

  push(text: string): Piece[] {
    this.#scanner.push(this.#speakable ? this.#speakable.push(text) : text)
    return this.#taken()
  }

  /** Whether what is held looks like whole sentences, and only the next character would tell. */
  get isLikelyEnd(): boolean {
    return LIKELY_END.test(this.#scanner.pending + (this.#speakable?.held ?? ''))
  }

  /** Makes a piece of all that is held. What comes next begins a sentence. */
  flush(): Piece[] {
    return this.#finish(this.#speakable?.flush() ?? '')
  }

  end(): Piece[] {
    return this.#finish(this.#speakable?.end() ?? '')
  }

  #finish(text: string): Piece[] {
    this.#scanner.push(text)
    this.#scanner.end()
    this.#cutter.flush('sentence')
    return this.#taken()
  }

  #give(piece: Piece): void {
    if (isSpeakable(piece.text)) this.#pieces.push({ ...piece, text: piece.text.normalize('NFC') })
  }

  #taken(): Piece[] {
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }
}
