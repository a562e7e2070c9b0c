import type { NumberLanguage } from './number-language.ts'

/** Numbers as a language writes them. */
export interface Written {
  /** Source of a pattern, without groups, that matches a number with group marks and decimals. */
  readonly pattern: string
  /** What it matched as digits, with a point before the decimals. */
  plain(text: string): string
}

const POINT = '\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?(?!\\d)|\\d+(?:\\.\\d+)?'
// who writes a comma before decimals writes a point now and then, as programs do
const COMMA = "\\d{1,3}(?:(?:\\.\\d{3})+|(?:[ \\u00a0\\u202f']\\d{3})+)(?:,\\d+)?(?!\\d)|\\d+(?:[.,]\\d+)?"

/** Gives how a language writes numbers, by the decimal mark that `Intl` has for it. */
export function writtenIn({ tag }: NumberLanguage): Written {
  const hasComma = new Intl.NumberFormat(tag).format(0.5).includes(',')
  if (!hasComma) return { pattern: POINT, plain: (text) => text.replaceAll(',', '') }
  return {
    pattern: COMMA,
    plain: (text) => {
      const isGrouped = /^\d{1,3}(?:(?:\.\d{3})+|(?:[ \u00a0\u202f']\d{3})+)(?:,|$)/.test(text)
      return (isGrouped ? text.replace(/[. \u00a0\u202f']/g, '') : text).replace(',', '.')
    },
  }
}
