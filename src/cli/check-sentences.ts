/** One plain sentence of about four seconds in each language that hosts commonly speak. */
const SENTENCES: Readonly<Record<string, string>> = {
  en: 'The weather is lovely today, so we are going for a walk in the park.',
  zh: '今天天气很好，我们一起去公园里散步吧。',
  yue: '今日天气好好，我哋一齐去公园散步啦。',
  ja: '今日は天気がいいので、公園を散歩しましょう。',
  ko: '오늘은 날씨가 좋아서 공원을 산책하려고 합니다.',
  de: 'Heute ist das Wetter schön, und wir gehen im Park spazieren.',
  fr: 'Il fait beau aujourd’hui, et nous allons nous promener dans le parc.',
  es: 'Hoy hace buen tiempo y vamos a dar un paseo por el parque.',
  it: 'Oggi il tempo è bello e andiamo a passeggiare nel parco.',
  pt: 'Hoje o tempo está bonito e vamos passear no parque.',
  ru: 'Сегодня хорошая погода, и мы идём гулять в парк.',
}

/** Tags that mean one of these. */
const SAME: Readonly<Record<string, string>> = { cmn: 'zh', 'zh-hk': 'yue', 'zh-mo': 'yue' }

/** How the presets of CosyVoice are named: 中文女, 英文男, 日语男, 韩语女, 粤语女. */
const NAMES: readonly (readonly [sign: RegExp, language: string])[] = [
  [/英/, 'en'],
  [/日/, 'ja'],
  [/[韩韓]/, 'ko'],
  [/[粤粵]/, 'yue'],
  [/\p{Script=Han}/u, 'zh'],
]

export interface CheckSentence {
  /** As the voice names it; absent when it names none. */
  readonly tag: string | undefined
  /** The sentence's. */
  readonly language: string
  readonly text: string
}

/** Gives what a voice is made to say: in its first language, else in the one that its name tells, else in English. */
export function checkSentence({
  id,
  languages,
}: {
  id: string
  languages: readonly string[]
}): CheckSentence {
  const [tag] = languages
  const named = tag === undefined ? NAMES.find(([sign]) => sign.test(id))?.[1] : known(tag)
  const language = named ?? 'en'
  return { tag, language, text: SENTENCES[language]! }
}

function known(tag: string): string | undefined {
  const lower = tag.toLowerCase()
  const [base = ''] = lower.split('-')
  const language = SAME[lower] ?? SAME[base] ?? base
  return Object.hasOwn(SENTENCES, language) ? language : undefined
}
