import { afterAll, beforeEach } from 'bun:test'
import type { Clause, Host, Pcm } from '../../../src/speech.ts'
import { clauseOf } from '../../fakes/clause.ts'
import { TEXT } from './sayings.ts'

/** What the suites of CosyVoice's hosts set unless they say otherwise, beside `kind` and `url`. */
export const PLAIN_HOST = {
  id: 'gpu-1',
  model: 'cosyvoice-300m-sft',
  voices: [
    { id: 'anna', mode: 'sft', spkId: '英文女' },
    { id: 'nobody', mode: 'sft' },
  ],
} as const

/** Samples a second that such a host gives. */
export const RATE = 22_050

/** How a fake answers when nothing else is asked of it, in what its wire does not decide: at once, by sentences. */
export const PLAIN = {
  firstByteMs: 0,
  rtf: 0,
  pieceChars: 1,
  level: 0.3,
  seconds: undefined,
  refuse: undefined,
  hang: undefined,
} as const

interface Server<Behaviour> {
  behave(behaviour: Behaviour): void
  close(): Promise<void>
}

/** Lets a file's tests share a server; each finds it as `plain` as the first did. */
export function share<Behaviour>(server: Server<Behaviour>, plain: Behaviour): void {
  beforeEach(() => server.behave(plain))
  afterAll(() => server.close())
}

/** Some settings of a host, and some of its timeouts. */
export type Some<Config extends { readonly timeouts: object }> = Partial<Omit<Config, 'timeouts'>> & {
  timeouts?: Partial<Config['timeouts']>
}

export interface Saying extends Partial<Clause> {
  readonly signal?: AbortSignal
}

/** Has a host say a text, `TEXT` unless told otherwise, with anna's voice. */
export const say = (
  host: Host,
  { text = TEXT, signal = new AbortController().signal, ...rest }: Saying = {},
): Promise<Pcm> => host.synthesize(clauseOf(text, { voice: 'anna', ...rest }), { signal })
