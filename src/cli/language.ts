import { LANGUAGE_RULE, LANGUAGE_TAG } from '../api/language-tag.ts'
import { UsageError } from './shell.ts'

/** Gives the value of `--language` as it was written; throws a `UsageError` when it is no tag. */
export function languageOf(tag: string | undefined): string | undefined {
  if (tag === undefined || LANGUAGE_TAG.test(tag)) return tag
  throw new UsageError(`--language ${LANGUAGE_RULE}, current value is ${tag}`)
}
