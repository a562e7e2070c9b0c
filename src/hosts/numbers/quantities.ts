import type { NumberLanguage } from './number-language.ts'
import { wordsOf } from './words.ts'
import type { Written } from './written.ts'

/** What `Intl` calls the units that are written by a sign. */
const UNITS: Readonly<Record<string, string>> = {
  '%': 'percent',
  '％': 'percent',
  '°': 'degree',
  '°C': 'celsius',
  '℃': 'celsius',
  '°F': 'fahrenheit',
  '℉': 'fahrenheit',
  'км/ч': 'kilometer-per-hour',
  км: 'kilometer',
  см: 'centimeter',
  мм: 'millimeter',
  кг: 'kilogram',
  мл: 'milliliter',
  'km/h': 'kilometer-per-hour',
  'm/s': 'meter-per-second',
  kph: 'kilometer-per-hour',
  mph: 'mile-per-hour',
  km: 'kilometer',
  cm: 'centimeter',
  mm: 'millimeter',
  m: 'meter',
  kg: 'kilogram',
  g: 'gram',
  ml: 'milliliter',
  mL: 'milliliter',
  l: 'liter',
  L: 'liter',
  ha: 'hectare',
  h: 'hour',
  min: 'minute',
  s: 'second',
  ms: 'millisecond',
  kB: 'kilobyte',
  KB: 'kilobyte',
  MB: 'megabyte',
  GB: 'gigabyte',
  TB: 'terabyte',
  lb: 'pound',
  lbs: 'pound',
  oz: 'ounce',
  ft: 'foot',
}

const CURRENCIES: Readonly<Record<string, string>> = {
  $: 'USD',
  US$: 'USD',
  '€': 'EUR',
  '£': 'GBP',
  '₽': 'RUB',
  '₩': 'KRW',
  '₹': 'INR',
  '₺': 'TRY',
  '₴': 'UAH',
  '₫': 'VND',
  zł: 'PLN',
  RMB: 'CNY',
  ...Object.fromEntries(
    'AUD CAD CHF CNY CZK DKK EUR GBP HKD INR JPY KRW NOK PLN RUB SEK SGD TRY TWD USD'
      .split(' ')
      .map((code) => [code, code]),
  ),
}
const SCALES: Readonly<Record<string, string>> = {
  k: 'thousand',
  K: 'thousand',
  M: 'million',
  B: 'billion',
  bn: 'billion',
}

const anyOf = (names: readonly string[]): string =>
  names
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replace(/[$/]/g, '\\$&'))
    .join('|')

/** Source of a pattern, without groups, that matches any unit's sign. */
export const UNIT = anyOf(Object.keys(UNITS))
/** The same of currencies, by sign or code. */
export const CURRENCY = anyOf([...Object.keys(CURRENCIES), '¥', '￥'])
const NOT_IN_WORD = '(?![\\p{Script=Latin}\\p{Script=Cyrillic}\\d²³])'

/** Finds amounts of money and of units, and says them with their names as `Intl` has them. */
export function quantities(language: NumberLanguage, { pattern, plain }: Written): (text: string) => string {
  const scale =
    language.tag === 'en' ? `(?: ?(thousand|million|billion|trillion|bn|[kKMB])${NOT_IN_WORD})?` : '()'
  // one that stands behind a word or a number is a dash
  const sign = language.isSolid ? '(?<![\\p{Script=Latin}\\d%％℃°)])[-−]' : '(?<=^|[\\s(])[-−]'
  const before = new RegExp(`(?<![\\p{Script=Latin}\\d])(${CURRENCY}) ?(${pattern})(?![\\d])${scale}`, 'gu')
  const behind = new RegExp(
    `(?<![\\d.,])(${sign})?(${pattern})[ \\u00a0\\u202f]?(${CURRENCY})${NOT_IN_WORD}`,
    'gu',
  )
  const units = new RegExp(
    `(?<![\\d.,])(${sign})?(${pattern})[ \\u00a0\\u202f]?(${UNIT})${NOT_IN_WORD}`,
    'gu',
  )
  return (text) =>
    text
      .replace(before, (_, sign, number, factor) => money(plain(number), { sign, factor }, language))
      .replace(behind, (_, minus = '', number, sign) =>
        money(minus.replace('−', '-') + plain(number), { sign }, language),
      )
      .replace(units, (_, minus = '', number, unit) => {
        const amount = minus.replace('−', '-') + plain(number)
        return named(amount, { style: 'unit', unit: UNITS[unit]!, unitDisplay: 'long' }, language)
      })
}

interface Money {
  readonly sign: string
  /** Such as `million`, or its letter. */
  readonly factor?: string | undefined
}

function money(amount: string, { sign, factor = '' }: Money, language: NumberLanguage): string {
  const yen = language.money.currency === 'CNY' ? 'CNY' : 'JPY'
  const currency = CURRENCIES[sign] ?? yen
  if (factor === '' && currency === language.money.currency && isPlain(amount))
    return language.money.say(amount)
  const format = { style: 'currency', currency, currencyDisplay: 'name' } as const
  if (factor === '') return named(amount, format, language)
  const scaled = `${wordsOf(amount, language)} ${SCALES[factor] ?? factor}`
  return named('1000000', format, language, scaled)
}

/** Of cents, and not too long for the library. */
const isPlain = (amount: string): boolean => /^\d{1,12}(?:\.\d\d)?$/.test(amount)

/** Says an amount in the middle of what `Intl` puts around it. */
function named(
  amount: string,
  format: Intl.NumberFormatOptions,
  language: NumberLanguage,
  said = amountOf(amount, language),
): string {
  if (format.unit === 'percent' && language.tag.startsWith('zh')) return `百分之${wordsOf(amount, language)}`
  if (format.unit === 'percent' && language.tag === 'ko') return `${said} 퍼센트`
  const parts = new Intl.NumberFormat(language.tag, { minimumFractionDigits: 0, ...format }).formatToParts(
    Number(amount),
  )
  const isNumber = ({ type }: Intl.NumberFormatPart) => NUMBER_PARTS.has(type)
  const first = parts.findIndex(isNumber)
  const words = parts.map((part, at) => (isNumber(part) ? (at === first ? said : '') : part.value))
  return words.join('').replace(/\s/g, language.isSolid ? '' : ' ')
}

const NUMBER_PARTS = new Set(['minusSign', 'integer', 'group', 'decimal', 'fraction'])

function amountOf(amount: string, language: NumberLanguage): string {
  if (amount === '1') return language.one ?? wordsOf(amount, language)
  if (amount === '2') return language.two ?? wordsOf(amount, language)
  return wordsOf(amount, language)
}
