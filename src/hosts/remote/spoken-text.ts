import { SpeechError } from '../../errors.ts'
import type { Clause } from '../../speech.ts'
import { sendable } from './sendable.ts'

/** What a host is given to say, without what a model would obey; throws the caller's mistake when nothing is left. */
export function spokenText({ spoken }: Pick<Clause, 'spoken'>): string {
  const text = sendable(spoken)
  if (!/[\p{L}\p{N}]/u.test(text)) throw nothingToSay()
  return text
}

const nothingToSay = () =>
  new SpeechError('Nothing to say: the text holds no letter and no number', {
    code: 'invalid',
    source: 'client',
    field: 'input',
  })
