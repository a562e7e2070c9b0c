import type { NumberLanguage } from './number-language.ts'
import { joined, spelled, wordsOf } from './words.ts'
import type { Written } from './written.ts'

const GROUPED = /(?<![\p{Script=Latin}\d])\+?\d[\d ()/-]{6,}\d(?!\d)/gu
const DOTTED = /(?<![\d.])\d+(?:\.\d+){2,}(?!\d|\.\d)/g
const THOUSANDS = /^\d{1,3}(?:\.\d{3})+$/

/** Finds telephone numbers, versions and addresses, and says them digit by digit or part by part. */
export function codes(language: NumberLanguage, { plain }: Written): (text: string) => string {
  const hasDottedGroups = plain('1.000') === '1000'
  return (text) =>
    text
      .replace(GROUPED, (found) => (isTelephone(found) ? telephone(found, language) : found))
      .replace(DOTTED, (found) => {
        if (hasDottedGroups && THOUSANDS.test(found)) return found
        const parts = found.split('.').map((part) => wordsOf(part, language))
        return joined(
          parts.flatMap((part, at) => (at === 0 ? [part] : [language.point, part])),
          language,
        )
      })
}

const isTelephone = (found: string): boolean =>
  found.startsWith('+') ||
  (/^[0(]/.test(found) && /^\d{7,}$/.test(found.replace(/\D/g, ''))) ||
  /^1\d{10}$/.test(found) ||
  /^(?:\d{3}-\d{4}|\d+(?:-\d+){2,})$/.test(found)

function telephone(found: string, language: NumberLanguage): string {
  const parts = found.match(/\d+/g) ?? []
  const plus = found.startsWith('+') ? '+' : ''
  return plus + parts.map((part) => spelled(part, language)).join(language.isSolid ? '，' : ', ')
}
