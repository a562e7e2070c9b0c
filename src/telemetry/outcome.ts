import { SpeechError } from '../errors.ts'

/** Whose fault a failure may be, in an operator's words. */
export const FAULTS = ['caller', 'host', 'proxy'] as const

export type Fault = (typeof FAULTS)[number]

/** How a request ended. */
export type Outcome = 'ok' | Fault

/** Whose fault a failure of this source is; the proxy's where nobody says. */
export const faultOf = (source: string): Fault =>
  source === 'client' ? 'caller' : source === 'host' ? 'host' : 'proxy'

/** How a request ended that failed so. */
export const outcomeOf = (thrown: unknown): Outcome => faultOf(SpeechError.from(thrown).source)
