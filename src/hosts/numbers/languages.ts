import * as de from 'n2words/de-DE'
import * as en from 'n2words/en-US'
import * as es from 'n2words/es-ES'
import * as fr from 'n2words/fr-FR'
import * as it from 'n2words/it-IT'
import * as ja from 'n2words/ja-JP'
import * as ko from 'n2words/ko-KR'
import * as nl from 'n2words/nl-NL'
import * as pl from 'n2words/pl-PL'
import * as pt from 'n2words/pt-PT'
import * as ru from 'n2words/ru-RU'
import * as simplified from 'n2words/zh-Hans-CN'
import * as traditional from 'n2words/zh-Hant-TW'
import { englishClock, englishDays, englishYear, englishYears } from './english.ts'
import { monthNames } from './month-names.ts'
import type { NumberLanguage } from './number-language.ts'

type Say = (value: string | number) => string
type Library = Record<'toCardinal' | 'toOrdinal' | 'toCurrency', Say>

/** What every language takes from the library. */
const from = ({ toCardinal, toOrdinal, toCurrency }: Library, currency: string) => ({
  cardinal: (digits: string) => toCardinal(digits),
  ordinal: (digits: string) => toOrdinal(digits),
  money: { currency, say: (amount: string) => toCurrency(amount) },
})

/** Says `10:30` as the hours, what they are called, and the minutes. */
const clockWith =
  (cardinal: Say, { hours: called = '', and = '' } = {}) =>
  (hours: number, minutes: number) =>
    `${cardinal(hours)}${called}${minutes > 0 ? `${and} ${cardinal(minutes)}` : ''}`

function germanYear(digits: string): string {
  const [century, rest] = [Number(digits.slice(0, 2)), Number(digits.slice(2))]
  if (century < 11 || century > 19) return de.toCardinal(digits)
  return `${de.toCardinal(century)}hundert${rest === 0 ? '' : de.toCardinal(rest)}`
}

const GERMAN_YEARS = new RegExp(
  `(?<=(?:^|[^\\p{L}])(?:in|seit|bis|von|ab|um|vor|nach|Jahre?|${monthNames('de').join('|')}) )1[1-9]\\d\\d(?!\\d|[.,]\\d| ?[%€])`,
  'giu',
)
const GERMAN_DATIVE = /(?:^|[^\p{L}])(?:ab|am|beim|bis|dem|den|im|vom|zum)\s$/iu

const KOREAN_HOURS = '열두 한 두 세 네 다섯 여섯 일곱 여덟 아홉 열 열한 열두'.split(' ')

interface ChineseOptions {
  readonly tag: string
  readonly library: Pick<typeof simplified, 'toCardinal' | 'toCurrency'>
  readonly words: {
    readonly two: string
    readonly point: string
    readonly minutes: string
    readonly hours: string
  }
}

function chinese({ tag, library, words }: ChineseOptions): NumberLanguage {
  const informal = { formal: false }
  const cardinal = (digits: string) => library.toCardinal(digits, informal).replace(/^一(?=十)/, '')
  return {
    tag,
    isSolid: true,
    cardinal,
    ordinal: (digits) => `第${cardinal(digits)}`,
    two: words.two,
    pairs: /^[\s]?[个個位只隻本条條张張次件台臺家间間层層种種块塊周週页頁杯瓶碗岁歲人天年]/u,
    point: words.point,
    hasSpelledDecimals: true,
    to: '到',
    clock: (hours, minutes) => {
      const rest = minutes === 0 ? '' : `${minutes < 10 ? '零' : ''}${cardinal(`${minutes}`)}${words.minutes}`
      return `${hours === 2 ? words.two : cardinal(`${hours}`)}${words.hours}${rest}`
    },
    year: (digits) => [...digits].map((digit) => cardinal(digit)).join(''),
    years: /(?<!\d)\d{4}(?=年)/g,
    money: {
      currency: 'CNY',
      say: (amount) => library.toCurrency(amount, informal).replace(/整$|^一(?=十)/g, ''),
    },
  }
}

const LANGUAGES: Readonly<Record<string, NumberLanguage>> = {
  en: {
    ...from(en, 'USD'),
    tag: 'en',
    ordinals: /(?<!\d)(\d+)(?:st|nd|rd|th)(?!\p{L})/giu,
    hasOrdinalDays: true,
    point: 'point',
    hasSpelledDecimals: true,
    to: 'to',
    clock: englishClock,
    year: englishYear,
    years: englishYears,
    own: englishDays,
    hasMonthFirst: true,
  },
  zh: chinese({
    tag: 'zh-Hans',
    library: simplified,
    words: { two: '两', point: '点', hours: '点', minutes: '分' },
  }),
  yue: chinese({
    tag: 'zh-Hant',
    library: traditional,
    words: { two: '兩', point: '點', hours: '點', minutes: '分' },
  }),
  ja: {
    ...from(ja, 'JPY'),
    tag: 'ja',
    isSolid: true,
    point: '点',
    hasSpelledDecimals: true,
    to: 'から',
    clock: (hours, minutes) => `${ja.toCardinal(hours)}時${minutes > 0 ? `${ja.toCardinal(minutes)}分` : ''}`,
  },
  ko: {
    ...from(ko, 'KRW'),
    tag: 'ko',
    point: '점',
    hasSpelledDecimals: true,
    to: '에서',
    clock: (hours, minutes) =>
      `${KOREAN_HOURS[hours] ?? ko.toCardinal(hours)} 시${minutes > 0 ? ` ${ko.toCardinal(minutes)} 분` : ''}`,
  },
  de: {
    ...from(de, 'EUR'),
    tag: 'de',
    ordinal: (digits, before) => `${de.toOrdinal(digits)}${GERMAN_DATIVE.test(before) ? 'n' : ''}`,
    ordinals: /(?<![\d.,])(\d{1,3})\.(?=\s\p{L})/gu,
    hasOrdinalDays: true,
    one: 'ein',
    point: 'Komma',
    hasSpelledDecimals: true,
    to: 'bis',
    clock: (hours, minutes) =>
      `${hours === 1 ? 'ein' : de.toCardinal(hours)} Uhr${minutes > 0 ? ` ${de.toCardinal(minutes)}` : ''}`,
    year: germanYear,
    years: GERMAN_YEARS,
  },
  fr: {
    ...from(fr, 'EUR'),
    tag: 'fr',
    ordinals: /(?<!\d)(\d+)(?:ers?|re|ères?|è?mes?|e)(?!\p{L})/giu,
    point: 'virgule',
    to: 'à',
    clock: clockWith(fr.toCardinal, { hours: ' heures' }),
  },
  es: {
    ...from(es, 'EUR'),
    tag: 'es',
    ordinals: /(?<!\d)(\d+)\.?[ºª]/gu,
    one: 'un',
    point: 'coma',
    to: 'a',
    clock: clockWith(es.toCardinal, { and: ' y' }),
  },
  it: {
    ...from(it, 'EUR'),
    tag: 'it',
    ordinals: /(?<!\d)(\d+)[ºª]/gu,
    one: 'un',
    point: 'virgola',
    to: 'a',
    clock: clockWith(it.toCardinal, { and: ' e' }),
  },
  pt: {
    ...from(pt, 'EUR'),
    tag: 'pt',
    ordinals: /(?<!\d)(\d+)\.?[ºª]/gu,
    point: 'vírgula',
    to: 'a',
    clock: clockWith(pt.toCardinal, { and: ' e' }),
  },
  ru: {
    ...from(ru, 'RUB'),
    tag: 'ru',
    ordinals: /(?<!\d)(\d+)-(?:ый|ой|ий|й|ая|я|ое|ее|е|ого|го|ому|му|ом|м|ых|х)(?!\p{L})/giu,
    hasOrdinalDays: true,
    point: 'запятая',
    to: 'до',
    clock: clockWith(ru.toCardinal),
  },
  nl: {
    ...from(nl, 'EUR'),
    tag: 'nl',
    ordinals: /(?<!\d)(\d+)(?:e|ste|de)(?!\p{L})/giu,
    point: 'komma',
    hasSpelledDecimals: true,
    to: 'tot',
    clock: clockWith(nl.toCardinal, { hours: ' uur' }),
  },
  pl: {
    ...from(pl, 'PLN'),
    tag: 'pl',
    ordinals: /(?<![\d.,])(\d{1,3})\.(?=\s\p{Ll})/gu,
    point: 'przecinek',
    to: 'do',
    clock: clockWith(pl.toCardinal),
  },
}

/** The language of a BCP 47 tag, if its numbers are known. */
export function numberLanguage(tag: string): NumberLanguage | undefined {
  const [primary = ''] = tag.toLowerCase().split('-')
  if (primary !== 'zh') return Object.hasOwn(LANGUAGES, primary) ? LANGUAGES[primary] : undefined
  return /-(hant|hk|tw|mo)\b/i.test(tag) ? LANGUAGES.yue : LANGUAGES.zh
}
