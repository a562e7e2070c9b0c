import { folded } from '../speakable/speakable.ts'
import { type Ending, Scanner } from './scanner.ts'

/** Collects sentences as text comes; takes no more of it into its window than a scanner does. */
export class Sentences {
  readonly found: string[] = []
  #held = ''
  readonly #folded = folded()
  readonly #scanner = new Scanner({
    text: (slice) => {
      this.#held += slice
    },
    cut: (ending) => this.#cut(ending),
  })

  push(text: string): void {
    this.#scanner.push(this.#folded.push(text))
  }

  end(): void {
    this.#scanner.push(this.#folded.end())
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
