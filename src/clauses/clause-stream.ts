import type { Clause } from '../speech.ts'
import { Clauses, type ClausesOptions } from './clauses.ts'
import { clauseDefaults } from './defaults.ts'

/** In the text's stream: what has come so far is said now. */
export const FLUSH: unique symbol = Symbol('flush')

export interface ClauseStreamOptions extends ClausesOptions {
  /** Whether the text is being written while it is read: then a likely end is taken after `maxBufferDelayMs`. @default false */
  readonly live?: boolean
  /** Calls back after some milliseconds; gives a way to call that off. */
  readonly setTimer?: (callback: () => void, ms: number) => () => void
}

/** Cuts text into clauses as it arrives; the same ones, however it is chunked. */
export class ClauseStream extends TransformStream<string | typeof FLUSH, Clause> {
  constructor(options: ClauseStreamOptions) {
    const { live = false, setTimer = timeout } = options
    const { maxBufferDelayMs } = { ...clauseDefaults, ...options.clauses }
    const clauses = new Clauses(options)
    let clear = () => {}
    const give = (controller: TransformStreamDefaultController<Clause>, cut: readonly Clause[]) => {
      for (const clause of cut) controller.enqueue(clause)
    }

    const transformer: Transformer<string | typeof FLUSH, Clause> & { cancel(): void } = {
      transform(chunk, controller) {
        clear()
        give(controller, chunk === FLUSH ? clauses.flush() : clauses.push(chunk))
        if (live && clauses.isLikelyEnd) {
          clear = setTimer(() => give(controller, clauses.flush()), maxBufferDelayMs)
        }
      },
      flush(controller) {
        clear()
        give(controller, clauses.end())
      },
      cancel() {
        clear()
      },
    }
    super(transformer)
  }
}

const timeout = (callback: () => void, ms: number): (() => void) => {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}
