import { SpeechError } from '../errors.ts'

/** Whose fault a failure is, in an operator's words. */
export type Fault = 'caller' | 'host' | 'proxy'

/** How a request ended. */
export type Outcome = 'ok' | Fault

/** Whose fault a failure of this source is; the proxy's where nobody says. */
export const faultOf = (source: string): Fault =>
  source === 'client' ? 'caller' : source === 'host' ? 'host' : 'proxy'

/** How a request ended that failed so. */
export const outcomeOf = (thrown: unknown): Outcome => faultOf(SpeechError.from(thrown).source)
