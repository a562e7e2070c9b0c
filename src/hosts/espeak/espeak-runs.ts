/**
 * The languages that are written in each script; the first reads it when the caller did not say which. A
 * language that stands nowhere here reads Latin letters and nothing else.
 */
const READERS = {
  Latin: 'en sr cmn-latn-pinyin yue-latn-jyutping',
  Han: 'cmn cmn-latn-pinyin hak yue yue-latn-jyutping',
  Hiragana: 'ja',
  Katakana: 'ja',
  Hangul: 'ko',
  Cyrillic: 'ru ru-cl ru-lv uk be bg mk sr kk ky ba cv tt nog',
  Greek: 'el grc',
  Arabic: 'ar fa ur sd ug',
  Hebrew: 'he',
  Devanagari: 'hi mr ne kok',
  Bengali: 'bn as bpy',
  Gurmukhi: 'pa',
  Gujarati: 'gu',
  Oriya: 'or',
  Tamil: 'ta',
  Telugu: 'te',
  Kannada: 'kn',
  Malayalam: 'ml',
  Sinhala: 'si',
  Thai: 'th',
  Myanmar: 'my shn',
  Georgian: 'ka',
  Armenian: 'hy hyw',
  Ethiopic: 'am ti',
  Cherokee: 'chr',
}

const SCRIPTS = Object.entries(READERS).map(([script, ids]) => ({ script, readers: ids.split(' ') }))
const PLACED = new Set(SCRIPTS.flatMap(({ readers }) => readers))
const LETTERS = new RegExp(SCRIPTS.map(({ script }) => `(\\p{Script=${script}}+)`).join('|'), 'gu')
const CHINESE_MARKS = /[。，、；：？！「」『』《》]/u

export interface EspeakRun {
  /** An eSpeak language's id. */
  readonly language: string
  readonly text: string
}

/**
 * Cuts a text where another voice must speak: whatever `language` cannot read goes to a voice that can, and with
 * no language each script has its own. What has no script (digits, marks, white space, emoji) stays with the
 * letters before it, or with those after it at the start. The runs joined are the text; there is always one.
 *
 * Han is always Chinese, even among kana: eSpeak's Japanese voice calls every kanji "Chinese letter".
 */
export function espeakRuns(text: string, language?: string): EspeakRun[] {
  const runs: EspeakRun[] = []
  let current: string | undefined
  let start = 0
  for (const [index, script] of lettersOf(text)) {
    const reader = readerOf(script, language)
    if (current !== undefined && reader !== current) {
      runs.push({ language: current, text: text.slice(start, index) })
      start = index
    }
    current = reader
  }
  current ??= language ?? (CHINESE_MARKS.test(text) ? 'cmn' : 'en')
  return [...runs, { language: current, text: text.slice(start) }]
}

/** Where each stretch of letters begins, and the place of its script in SCRIPTS. */
function* lettersOf(text: string): Generator<[index: number, script: number]> {
  for (const { index, ...groups } of text.matchAll(LETTERS)) {
    yield [index, SCRIPTS.findIndex((_, script) => groups[script + 1] !== undefined)]
  }
}

function readerOf(script: number, language: string | undefined): string {
  const { script: name, readers } = SCRIPTS[script]!
  if (language === undefined) return readers[0]!
  const reads = readers.includes(language) || (name === 'Latin' && !PLACED.has(language))
  return reads ? language : readers[0]!
}
