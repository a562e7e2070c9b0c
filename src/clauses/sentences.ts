import { type Ending, Scanner } from './scanner.ts'

/** Collects what a scanner finds into whole sentences. */
class Sentences {
  readonly found: string[] = []
  #held = ''
  readonly #scanner = new Scanner({
    text: (slice) => {
      this.#held += slice
    },
    cut: (ending) => this.#cut(ending),
  })

  push(text: string): void {
    this.#scanner.push(text)
  }

  end(): void {
    this.#scanner.end()
    this.#cut('paragraph')
  }

  #cut(ending: Ending): void {
    if (ending === 'soft') return
    const sentence = this.#held.trim()
    this.#held = ''
    if (sentence) this.found.push(sentence)
  }
}

/** The sentences of a text, as they are written, without the white space between them. */
export function sentences(text: string): string[] {
  const all = new Sentences()
  all.push(text)
  all.end()
  return all.found
}

/** Cuts text into sentences as it arrives; the same ones as {@link sentences}, however it is chunked. */
export class SentenceStream extends TransformStream<string, string> {
  constructor() {
    const all = new Sentences()
    const give = (controller: TransformStreamDefaultController<string>) => {
      for (const sentence of all.found.splice(0)) controller.enqueue(sentence)
    }
    super({
      transform(text, controller) {
        all.push(text)
        give(controller)
      },
      flush(controller) {
        all.end()
        give(controller)
      },
    })
  }
}
