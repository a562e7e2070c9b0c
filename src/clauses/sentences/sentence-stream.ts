import { Sentences } from './sentences.ts'

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
