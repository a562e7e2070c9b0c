import type { TextConfig } from './config.ts'
import type { Speakable } from './splitter.ts'

export function speakable(_options: Partial<TextConfig> = {}): Speakable {
  return { push: (text) => text, flush: () => '', end: () => '', held: '' }
}
