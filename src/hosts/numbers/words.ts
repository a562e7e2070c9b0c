import type { NumberLanguage } from './number-language.ts'

/** Longer numbers are no amounts, and are said digit by digit. */
const LONGEST = 15

/** Says a number: a sign, digits, and decimals behind a point. */
export function wordsOf(plain: string, language: NumberLanguage): string {
  const [, minus = '', whole = '', decimals = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(plain) ?? []
  const signed = (minus && minusOf(language)) + said(whole, language)
  if (decimals === '') return signed
  const isSpelled = language.hasSpelledDecimals || decimals.startsWith('0') || decimals.length > 3
  const rest = isSpelled ? spelled(decimals, language) : language.cardinal(decimals)
  return joined([signed, language.point, rest], language)
}

/** `minus ` with what parts it from the number. */
const minusOf = ({ cardinal }: NumberLanguage): string => cardinal('-1').slice(0, -cardinal('1').length)

function said(digits: string, language: NumberLanguage): string {
  const isCode = digits.length > LONGEST || (digits.length > 1 && digits.startsWith('0'))
  return isCode ? spelled(digits, language) : language.cardinal(digits)
}

/** Says digits one by one. */
export const spelled = (digits: string, language: NumberLanguage): string =>
  joined(
    [...digits].map((digit) => language.cardinal(digit)),
    language,
  )

export const joined = (words: readonly string[], { isSolid = false }: NumberLanguage): string =>
  words.join(isSolid ? '' : ' ')
