import { SpeechError } from '../../errors.ts'
import type { Clause } from '../../speech.ts'
import { withoutMarks } from '../speech-marks.ts'
import { sendable } from './sendable.ts'

export interface SpokenTextOptions {
  /** Whether the host knows marks such as `[laughter]`; else they are sent only where there is nothing but marks. */
  readonly marks: boolean
}

/** What a host is given to say, without what a model would obey; throws the caller's mistake when nothing is left. */
export function spokenText({ spoken }: Pick<Clause, 'spoken'>, { marks }: SpokenTextOptions): string {
  const text = sendable(spoken)
  if (!isSpeakable(text)) throw nothingToSay()
  const unmarked = marks ? text : sendable(withoutMarks(text))
  return isSpeakable(unmarked) ? unmarked : text
}

const isSpeakable = (text: string): boolean => /[\p{L}\p{N}]/u.test(text)

const nothingToSay = () =>
  new SpeechError('Nothing to say: the text holds no letter and no number', {
    code: 'invalid',
    source: 'client',
    field: 'input',
  })
