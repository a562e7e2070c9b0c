import { toCardinal, toOrdinal } from 'n2words/en-US'
import { monthNames } from './month-names.ts'

const MONTHS = monthNames('en').join('|')
const DAY = '0?[1-9]|[12]\\d|3[01]'
const AFTER_MONTH = new RegExp(
  `(?<=(?:${MONTHS}) )(${DAY})(?:st|nd|rd|th)?(?:(,? )(\\d{4}))?(?![\\d:.,]?\\d)`,
  'g',
)
const BEFORE_MONTH = new RegExp(`(?<![\\d.,:])(${DAY})(?= (?:${MONTHS})(?!\\p{L}))`, 'gu')
// `30s` by itself are seconds
const DECADE = /(?<![\d.,])(\d{4}|(?<=['’]|\b(?:the|mid|early|late)[ -])\d\d)s(?!\p{L})/giu
const LEADS = 'in|since|until|till|by|from|around|circa|year|before|after|spring|summer|autumn|fall|winter'

/** Where a number is a year. */
export const englishYears = new RegExp(
  `(?<=(?:^|[^\\p{L}])(?:${LEADS}|${MONTHS}),? )(?:1[1-9]|20)\\d\\d(?!\\d|[.,]\\d| ?[%€$£])`,
  'giu',
)

/** 1905 as `nineteen oh five`, 2005 as any number. */
export function englishYear(digits: string): string {
  const [century, rest] = [Number(digits.slice(0, 2)), Number(digits.slice(2))]
  if (century % 10 === 0 && rest < 10) return toCardinal(digits)
  const tail = rest === 0 ? 'hundred' : rest < 10 ? `oh ${toCardinal(rest)}` : toCardinal(rest)
  return `${toCardinal(century)} ${tail}`
}

export function englishClock(hours: number, minutes: number): string {
  if (minutes === 0) return toCardinal(hours) + (hours > 0 && hours < 13 ? " o'clock" : ' hundred')
  return `${toCardinal(hours)} ${minutes < 10 ? 'oh ' : ''}${toCardinal(minutes)}`
}

/** Says days beside a month's name, decades, and full hours with `am` or `pm`. */
export const englishDays = (text: string): string =>
  text
    .replace(/ o'clock(?= ?[ap]\.?m)/gi, '')
    .replace(
      AFTER_MONTH,
      (_, day, comma = '', year = '') => toOrdinal(day) + comma + (year && englishYear(year)),
    )
    .replace(BEFORE_MONTH, (_, day) => toOrdinal(day))
    .replace(DECADE, (_, digits) => {
      const said = digits.length === 4 ? englishYear(digits) : toCardinal(digits)
      return said.endsWith('y') ? `${said.slice(0, -1)}ies` : `${said}s`
    })
