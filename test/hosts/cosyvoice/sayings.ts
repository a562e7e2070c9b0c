import type { Samples } from '../../../src/speech.ts'
import { heardOf } from '../../fakes/cosyvoice-voice.ts'

export const TEXT = 'Hello there. How are you? I am well.'
const PIECES = ['Hello there.', ' How are you?', ' I am well.']

/** What a fake that says `TEXT` sentence by sentence is heard to say. */
export const heardText = ({ rate = 22_050, level }: { rate?: number; level?: number } = {}): Samples =>
  Int16Array.from(PIECES.flatMap((text) => [...heardOf(text, { rate, level })]))
