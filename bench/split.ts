import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { initSync, segment } from 'sentencex-wasm'
import { sentences } from '../src/clauses/sentences/sentences.ts'
import { speakable } from '../src/clauses/speakable/speakable.ts'
import { Splitter } from '../src/clauses/splitter.ts'
import chinese from '../test/data/chinese.json'
import languages from '../test/data/languages.json'
import golden from '../test/data/sentences.json'
import { type BenchResult, median, type Row, round } from './bench.ts'

type Case = readonly [text: string, sentences: readonly string[]]
type Split = (text: string, language: string) => readonly string[]

const RUNS = 5
/** About what a model writes between two looks at its stream. */
const CHUNK = 4

const SETS = {
  en: golden.en_golden,
  zh: golden.zh,
  ja: golden.ja,
  de: golden.de,
  es: golden.es,
  'own zh': chinese.cases,
  'own others': languages.cases,
} as unknown as Readonly<Record<string, readonly Case[]>>

const PROSE = [
  'The weather report for today says that it will rain in the afternoon, so take an umbrella with you.',
  'We are going to the market at noon, and then we will visit my aunt in the hospital.',
  'She has been there for two weeks now, but the doctors say that she will be home soon.',
]
  .join(' ')
  .concat('\n\n')
  .repeat(700)

/** All the cases over and over: hardly a word in it that is no riddle. */
const CASES = Object.values(SETS)
  .flatMap((cases) => cases.map(([text]) => text))
  .join('\n\n')
  .repeat(10)

const HOSTILE: Readonly<Record<string, string>> = {
  '10 MB of words, no mark': 'lorem ipsum dolor sit amet '.repeat(370_371),
  '10 MB of one letter': 'a'.repeat(10_000_000),
  '1 MB of dots': '.'.repeat(1_000_000),
}

const byLocale = new Map<string, Intl.Segmenter>()

function withIntl(text: string, language: string): string[] {
  const segmenter = byLocale.get(language) ?? new Intl.Segmenter(language, { granularity: 'sentence' })
  byLocale.set(language, segmenter)
  return Array.from(segmenter.segment(text), (part) => part.segment)
}

/** The whole way to clauses, in pieces of `size`: speakable text, first clause early, bounds. */
function clauses(text: string, size: number): string[] {
  const splitter = new Splitter({ speakable: speakable() })
  const found: string[] = []
  for (let at = 0; at < text.length; at += size) {
    for (const piece of splitter.push(text.slice(at, at + size))) found.push(piece.text)
  }
  return [...found, ...splitter.end().map((piece) => piece.text)]
}

const isExact =
  (split: Split, language: string) =>
  ([text, expected]: Case): boolean => {
    const found = split(text, language).map((sentence) => sentence.trim())
    return JSON.stringify(found.filter(Boolean)) === JSON.stringify(expected)
  }

function quality(split: Split): Row {
  const shares = Object.entries(SETS).map(([name, cases]) => {
    const exact = cases.filter(isExact(split, /^\w\w$/.test(name) ? name : name.includes('zh') ? 'zh' : 'en'))
    return [`${name} %`, round((100 * exact.length) / cases.length, 1)] as const
  })
  return Object.fromEntries(shares)
}

/** The median of a few runs; the first only warms up. */
function milliseconds(split: Split, text: string, runs = RUNS): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now()
    split(text, 'en')
    return performance.now() - start
  })
  return median(times.slice(Math.min(1, runs - 1)))
}

const perCharacter = (split: Split, text: string): number =>
  round(milliseconds(split, text) / text.length / 0.001, 3)

const row = (name: string, split: Split): Row => ({
  name,
  ...quality(split),
  'µs/char prose': perCharacter(split, PROSE),
  'µs/char cases': perCharacter(split, CASES),
  ...Object.fromEntries(
    Object.entries(HOSTILE).map(([text, whole]) => [`ms: ${text}`, round(milliseconds(split, whole, 1), 0)]),
  ),
})

/** For each sentence of plain prose, how many characters past its end it took to give it. */
function lags(): number[] {
  const prose = [
    [
      'The weather is nice today.',
      'Shall we go out?',
      'I would love to!',
      '“So would we.”',
      'Then it is settled.',
      'Good.',
    ],
    [
      '今天天气很好。',
      '我们出去走走吧！',
      '你觉得怎么样？',
      '他说：“当然可以。”',
      '那就这样定了。',
      '好极了！',
    ],
  ] as const
  return prose.flatMap((sentences, wide) => {
    const gap = wide ? '' : ' '
    return sentences.slice(0, -1).map((sentence, at) => {
      const splitter = new Splitter({ speakable: speakable(), clauses: { minChars: 1 } })
      splitter.push(sentence)
      const rest = [...(gap + sentences.slice(at + 1).join(gap))]
      return rest.findIndex((character) => splitter.push(character).length > 0) + 1
    })
  })
}

/** How right, how fast and how early text is cut, beside what else there is. */
export async function run(): Promise<BenchResult> {
  const wasm = createRequire(import.meta.url).resolve('sentencex-wasm/sentencex_wasm_bg.wasm')
  initSync({ module: readFileSync(wasm) })
  const found = lags()
  const mean = found.reduce((sum, lag) => sum + lag, 0) / found.length
  const whole = perCharacter((text) => clauses(text, text.length), PROSE)
  const streamed = perCharacter((text) => clauses(text, CHUNK), PROSE)
  return {
    question: 'How many sentences are cut right, at what cost, and how early?',
    rows: [
      row('sotto', sentences),
      row('Intl.Segmenter', withIntl),
      row('sentencex-wasm', (text, language) => segment(language, text)),
    ],
    notes: [
      `Prose to clauses, Markdown and all: ${whole} µs/char at once, ${streamed} in chunks of ${CHUNK}.`,
      `To clauses: ${Object.entries(HOSTILE)
        .map(
          ([name, text]) =>
            `${name} ${round(
              milliseconds((all) => clauses(all, 65_536), text, 1),
              0,
            )} ms`,
        )
        .join(', ')}.`,
      `Lag past a sure sentence end: mean ${round(mean)}, at most ${Math.max(...found)} characters (${found.length} ends).`,
    ],
  }
}
