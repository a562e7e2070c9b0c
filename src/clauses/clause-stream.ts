import type { Clause, LexiconEntry, Manner } from '../speech.ts'
import type { ClausesConfig, TextConfig } from './config.ts'
import type { Piece } from './cutter.ts'
import { clauseDefaults } from './defaults.ts'
import { lexicon } from './lexicon.ts'
import { speakable } from './speakable/speakable.ts'
import { Splitter } from './splitter.ts'
import { isSpeakable, terminated, withoutControl } from './spoken.ts'

/** In the text's stream: what has come so far is said now. */
export const FLUSH: unique symbol = Symbol('flush')

export interface ClauseStreamOptions {
  readonly manner: Manner
  /** Applied to what is said, not to what is shown; earlier entries win. @default [] */
  readonly lexicon?: readonly LexiconEntry[]
  readonly clauses?: Partial<ClausesConfig>
  readonly text?: Partial<TextConfig>
  /** Whether the text is being written while it is read: then a likely end is taken after `maxBufferDelayMs`. @default false */
  readonly live?: boolean
  /** Calls back after some milliseconds; gives a way to call that off. */
  readonly setTimer?: (callback: () => void, ms: number) => () => void
}

/** Cuts text into clauses as it arrives; the same ones, however it is chunked. */
export class ClauseStream extends TransformStream<string | typeof FLUSH, Clause> {
  constructor(options: ClauseStreamOptions) {
    const { clauses = {}, text = {}, live = false, setTimer = timeout } = options
    const { maxBufferDelayMs } = { ...clauseDefaults, ...clauses }
    const splitter = new Splitter({ clauses, speakable: speakable(text) })
    const toClause = clauseMaker(options)
    let clear = () => {}
    const give = (controller: TransformStreamDefaultController<Clause>, pieces: readonly Piece[]) => {
      for (const clause of pieces.flatMap(toClause)) controller.enqueue(clause)
    }

    const transformer: Transformer<string | typeof FLUSH, Clause> & { cancel(): void } = {
      transform(chunk, controller) {
        clear()
        give(controller, chunk === FLUSH ? splitter.flush() : splitter.push(chunk))
        if (live && splitter.isLikelyEnd) {
          clear = setTimer(() => give(controller, splitter.flush()), maxBufferDelayMs)
        }
      },
      flush(controller) {
        clear()
        give(controller, splitter.end())
      },
      cancel() {
        clear()
      },
    }
    super(transformer)
  }
}

/** Gives pieces their place, sound and pause; one that the lexicon leaves nothing of makes no clause. */
function clauseMaker(options: ClauseStreamOptions): (piece: Piece) => Clause[] {
  const { manner, lexicon: entries = [], clauses = {} } = options
  const pauses = { ...clauseDefaults.pauses, ...clauses.pauses }
  const pauseMs = {
    soft: pauses.clause,
    sentence: pauses.sentence,
    line: pauses.sentence,
    paragraph: pauses.paragraph,
    forced: 0,
  }
  const say = lexicon(entries, manner)
  let index = 0
  return ({ text, ending }) => {
    const said = say(text)
    if (!isSpeakable(said)) return []
    const spoken = terminated(withoutControl(said))
    return [{ ...manner, index: index++, text, spoken, pauseMs: pauseMs[ending] }]
  }
}

const timeout = (callback: () => void, ms: number): (() => void) => {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}
