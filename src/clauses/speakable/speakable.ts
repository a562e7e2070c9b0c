import type { TextConfig } from '../config.ts'
import { textDefaults } from '../defaults.ts'
import type { Speakable } from '../splitter.ts'
import { Clean } from './clean.ts'
import { Emoji } from './emoji.ts'
import { Lines } from './lines.ts'
import { Markdown } from './markdown.ts'
import { Urls } from './urls.ts'

/**
 * Makes text speakable as it comes: control characters, Markdown, emoji and all of a URL but its host are taken out,
 * white space is folded. Plain text is not held back; NFC is left to the clause, where it costs no wait.
 */
export function speakable(options: Partial<TextConfig> = {}): Speakable {
  const { controls, markdown, emoji, urls } = { ...textDefaults, ...options }
  return chain([
    new Clean({ controls }),
    ...(emoji ? [new Emoji()] : []),
    ...(markdown ? [new Markdown()] : []),
    ...(urls ? [new Urls()] : []),
    new Lines(),
  ])
}

/** Only folds white space, for text that is to be cut but not changed. */
export const folded = (): Speakable => chain([new Clean(), new Lines()])

function chain(stages: readonly Speakable[]): Speakable {
  const drain = (how: 'flush' | 'end') => stages.reduce((text, stage) => stage.push(text) + stage[how](), '')
  return {
    push: (text) => stages.reduce((passed, stage) => stage.push(passed), text),
    flush: () => drain('flush'),
    end: () => drain('end'),
    get held() {
      return stages.reduceRight((held, stage) => held + stage.held, '')
    },
  }
}
