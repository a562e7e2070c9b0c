import { SpeechError } from '../../errors.ts'
import type { Clause } from '../../speech.ts'
import type { BatchConfig } from '../batch-config.ts'
import { mannerOf } from '../http/manner-of.ts'
import type { NamedVoice } from '../remote/config.ts'

export interface BatchBodyOptions {
  /** The manner of all of them. */
  readonly clause: Clause
  readonly config: Pick<BatchConfig, 'fields' | 'speed' | 'extra'>
  readonly voice: NamedVoice
}

/** Texts of one manner as one request, its fields named as the host names them. */
export function batchBody(texts: readonly string[], { clause, config, voice }: BatchBodyOptions): object {
  const { fields, speed, extra } = config
  const { instructions, seed } = mannerOf(clause, voice)
  return {
    [fields.texts]: texts,
    [fields.voice]: voice.name ?? voice.id,
    ...(speed && { [fields.speed]: clause.speed }),
    ...(instructions && { [fields.instructions]: instructions }),
    ...(seed !== undefined && { [fields.seed]: seed }),
    ...extra,
  }
}

/** Throws when clauses cannot go in one call, which is sotto's own mistake. */
export function refuseMixed(clauses: readonly Clause[], most: number): void {
  const manners = new Set(clauses.map(mannerKey))
  if (clauses.length > 0 && clauses.length <= most && manners.size === 1) return
  const now = `${clauses.length} in ${manners.size} manners`
  throw new SpeechError(
    `Cannot make batch: it must be 1 to ${most} clauses of one manner, current value is ${now}`,
    {
      code: 'internal',
      source: 'proxy',
    },
  )
}

const mannerKey = ({ voice, language, speed, instructions, seed }: Clause): string =>
  JSON.stringify([voice, language, speed, instructions, seed])
