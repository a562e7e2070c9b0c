import type { Code, SpeechError } from '../errors.ts'

/** What says nothing about a text: the host could not be reached, or was busy or slow. */
const NO_TEXTS_FAULT: ReadonlySet<Code> = new Set<Code>(['unavailable', 'overloaded', 'exhausted', 'timeout'])

/** Whether a call may have failed because of the text that was to be said. */
export const mayBeTheText = ({ code }: Pick<SpeechError, 'code'>): boolean => !NO_TEXTS_FAULT.has(code)
