import { SpeechError } from '../errors.ts'
import type { DeadlineOptions } from '../guard/deadline.ts'
import type { Host, Voice } from '../speech.ts'
import { checkSentence } from './check-sentences.ts'
import { type CheckVoiceOptions, checkVoice, type SpokenVoice, within } from './check-voice.ts'
import { withReason } from './with-reason.ts'

/** How one voice of one host did. */
export interface VoiceCheck extends Partial<SpokenVoice> {
  readonly host: string
  readonly voice: string
  /** The sentence's. */
  readonly language: string
}

export interface CheckHostsOptions extends Omit<CheckVoiceOptions, 'timeouts'> {
  /** Every voice of the embedded host too, not just two. @default false */
  readonly all?: boolean
  /** A host's own, by its id. */
  readonly timeouts?: (host: string) => DeadlineOptions
}

/**
 * Speaks a sentence with every voice of every host, hosts at the same time, a host's voices one after another, and
 * gives what came of each in their order. Rejects only when `signal` aborts.
 */
export async function checkHosts(hosts: readonly Host[], options: CheckHostsOptions): Promise<VoiceCheck[]> {
  const checks = await Promise.all(hosts.map((host) => checkHost(host, options)))
  options.signal.throwIfAborted()
  return checks.flat()
}

/** The voices that are spoken with: of the 150 inside sotto one that is spaced and one that is not. */
export function voicesToCheck({ kind, voices }: Host, all = false): readonly Voice[] {
  const main = voices.filter(({ id }) => id === 'en' || id === 'cmn')
  return kind === 'embedded' && !all && main.length > 0 ? main : voices
}

/** A host that takes no calls twice in a row is not asked for the rest of its voices. */
const MOST_UNAVAILABLE = 2

async function checkHost(host: Host, options: CheckHostsOptions): Promise<VoiceCheck[]> {
  const checks: VoiceCheck[] = []
  const timeouts = options.timeouts?.(host.id) ?? {}
  let unavailable = 0
  let reason = await troubleOf(within(host.ready, options))
  for (const voice of voicesToCheck(host, options.all)) {
    if (options.signal.aborted) break
    const sentence = checkSentence(voice)
    const about = { host: host.id, voice: voice.id, language: sentence.language }
    if (reason !== undefined) {
      checks.push({ ...about, trouble: reason })
      continue
    }
    try {
      checks.push({ ...about, ...(await checkVoice(host, { voice, sentence, ...options, timeouts })) })
      unavailable = 0
    } catch (thrown) {
      checks.push({ ...about, trouble: messageOf(thrown) })
      const isAway = thrown instanceof SpeechError && thrown.code === 'unavailable'
      unavailable = isAway ? unavailable + 1 : 0
      if (unavailable === MOST_UNAVAILABLE) reason = 'was not tried, since the host takes no calls'
    }
  }
  return checks
}

async function troubleOf(ready: Promise<void>): Promise<string | undefined> {
  return ready.then(
    () => undefined,
    (thrown) => messageOf(thrown),
  )
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? withReason(thrown) : String(thrown)
}
