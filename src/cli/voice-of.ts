import { nearest } from '../config/nearest.ts'
import type { Voices } from '../dispatch/voices.ts'
import { SpeechError } from '../errors.ts'
import { Failure, UsageError } from './shell.ts'

/** The id of the voice of that name, of the first one without; throws a `UsageError` when there is no such voice. */
export function voiceOf(name: string | undefined, voices: Pick<Voices, 'list' | 'resolve'>): string {
  const voice = name ?? voices.list()[0]?.id
  if (voice === undefined) throw new Failure('No host has a voice; sotto check tells which hosts there are')
  try {
    return voices.resolve(voice)
  } catch (thrown) {
    if (!(thrown instanceof SpeechError && thrown.code === 'invalid')) throw thrown
    const known = voices.list().flatMap(({ id, aliases }) => [id, ...aliases])
    const meant = nearest(voice, known)
    throw new UsageError(
      `There is no voice ${voice}; ${meant ? `did you mean ${meant}? ` : ''}sotto voices lists them`,
    )
  }
}
