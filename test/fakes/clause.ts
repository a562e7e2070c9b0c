import type { Clause } from '../../src/speech.ts'

export const clauseOf = (text: string, rest: Partial<Clause> = {}): Clause => ({
  index: 0,
  text,
  spoken: text,
  pauseMs: 0,
  voice: 'v',
  speed: 1,
  ...rest,
})
