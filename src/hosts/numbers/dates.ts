import type { NumberLanguage } from './number-language.ts'

const ISO = /(?<![\d-])(\d{4})-(\d\d)-(\d\d)(?![\d-])/g
const DOTTED = /(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d|\.\d)/g
const SLASHED = /(?<![\d/])(\d{1,2})\/(\d{1,2})\/(\d{4})(?![\d/])/g
const TIME = /(?<![\d.,:])(\d{1,2})[:：]([0-5]\d)(?![\d:：])(?: ?(?:Uhr|uur)(?!\p{L}))?/gu

/** Finds dates in digits, and says them as `Intl` writes them at length. */
export function dates(language: NumberLanguage): (text: string) => string {
  const { hasMonthFirst = false } = language
  const format = new Intl.DateTimeFormat(language.tag, { dateStyle: 'long', timeZone: 'UTC' })

  const say = (found: string, { year = '', month = '', day = '', before = '' }): string => {
    const date = new Date(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T00:00Z`)
    if (Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(day)) return found
    return format
      .formatToParts(date)
      .map((part) => wordsOfPart(part, before, language))
      .join('')
  }

  return (text) =>
    text
      .replace(ISO, (found, year, month, day, at, all) =>
        say(found, { year, month, day, before: lead(all, at) }),
      )
      .replace(DOTTED, (found, day, month, year, at, all) =>
        say(found, { year, month, day, before: lead(all, at) }),
      )
      .replace(SLASHED, (found, first, second, year, at, all) => {
        const [month, day] = hasMonthFirst ? [first, second] : [second, first]
        return say(found, { year, month, day, before: lead(all, at) })
      })
}

function wordsOfPart(
  { type, value }: Intl.DateTimeFormatPart,
  before: string,
  language: NumberLanguage,
): string {
  const { cardinal, ordinal, hasOrdinalDays = false, year = cardinal } = language
  if (type === 'year') return year(value)
  if (type === 'day') return hasOrdinalDays ? ordinal(value, before) : cardinal(value)
  if (type === 'month') return value.replace(/\d+/, (digits) => cardinal(digits))
  return value.replace(/^\. /, ' ').replace(' г.', ' года')
}

/** Finds times of day. */
export const times =
  ({ clock }: NumberLanguage) =>
  (text: string): string =>
    text.replace(TIME, (found, hours, minutes) =>
      Number(hours) > 24 ? found : clock(Number(hours), Number(minutes)),
    )

/** The words before an index, by which an ordinal may change. */
export const lead = (text: string, at: number): string => text.slice(Math.max(0, at - 8), at)
