import type { Voice } from '../../speech.ts'

/**
 * The languages of the eSpeak NG data that is packed: each one's file under `lang`, and after `=` BCP 47 tags
 * that it answers to besides its own name. From `eSpeakNGWorker.list_voices()` of version 0.3.5, without its
 * test language and two whose names are no tags. Each was made to say a sentence.
 */
const LANGUAGES = `
  gmw/af sem/am roa/an sem/ar inc/as trk/az trk/ba zle/be zls/bg inc/bn inc/bpy zls/bs roa/ca roa/ca-ba
  roa/ca-nw roa/ca-va iro/chr sit/cmn=zh sit/cmn-Latn-pinyin zlw/cs trk/cv cel/cy gmq/da gmw/de grk/el
  gmw/en=en-GB gmw/en-029 gmw/en-GB-scotland gmw/en-GB-x-gbclan gmw/en-GB-x-gbcwmd gmw/en-GB-x-rp gmw/en-US
  art/eo roa/es roa/es-419=es-MX urj/et eu ira/fa ira/fa-Latn urj/fi gmq/fo roa/fr=fr-FR
  roa/fr-BE roa/fr-CH cel/ga cel/gd sai/gn grk/grc inc/gu sit/hak map/haw sem/he inc/hi zls/hr roa/ht urj/hu
  ine/hy ine/hyw art/ia poz/id art/io gmq/is roa/it jpx/ja art/jbo ccs/ka trk/kaa trk/kk esx/kl dra/kn ko
  inc/kok ira/ku trk/ky itc/la gmw/lb art/lfn bat/lt bat/ltg bat/lv poz/mi zls/mk dra/ml inc/mr poz/ms sem/mt
  miz/mto sit/my gmq/nb=no azc/nci inc/ne gmw/nl trk/nog cus/om inc/or inc/pa roa/pap zlw/pl
  roa/pt=pt-PT roa/pt-BR art/py art/qdb qu myn/quc art/qya roa/ro zle/ru zle/ru-cl zle/ru-LV inc/sd tai/shn
  inc/si art/sjn zlw/sk zls/sl urj/smj ine/sq zls/sr gmq/sv bnt/sw dra/ta dra/te tai/th sem/ti trk/tk bnt/tn
  trk/tr trk/tt trk/ug zle/uk inc/ur trk/uz aav/vi aav/vi-VN-x-central aav/vi-VN-x-south
  sit/yue=zh-HK=zh-MO=zh-Hant-HK=zh-Hant-MO sit/yue-Latn-jyutping`

/** Files of `voices/!v`: other throats for any language. */
const VARIANTS = new Set(
  `Alex Alicia Andrea Andy Annie AnxiousAndy Demonic Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco Mario
  Michael Mike Nguyen Reed RicishayMax RicishayMax2 RicishayMax3 Storm Tweaky UniRobot adam anika anikaRobot
  announcer antonio aunty belinda benjamin boris caleb croak david ed edward edward2 f1 f2 f3 f4 f5 fast grandma
  grandpa gustave ian iven iven2 iven3 iven4 john kaukovalta klatt klatt2 klatt3 klatt4 klatt5 klatt6 linda m1
  m2 m3 m4 m5 m6 m7 m8 marcelo max michel miguel mike2 norbert pablo paul pedro quincy rob robert robosoft
  robosoft2 robosoft3 robosoft4 robosoft5 robosoft6 robosoft7 robosoft8 sandro shelby steph steph2 steph3 travis
  victor whisper whisperf zac`.split(/\s+/),
)

/**
 * Twelve throats that differ from the plain one and from each other by more than 8 % in median pitch or 15 % in
 * spectral centroid, in English and in Mandarin. Their order suits the genders of OpenAI's names after `alloy`.
 */
const DISTINCT = [
  'Gene2',
  'Nguyen',
  'f1',
  'quincy',
  'pablo',
  'david',
  'f2',
  'shelby',
  'Annie',
  'edward',
  'belinda',
  'Storm',
]

/** Language ids to files, in the order of the ids. */
const FILES = new Map<string, string>()
/** Lower-case BCP 47 tags to language ids. */
const IDS = new Map<string, string>()
const LISTED: Voice[] = []

for (const entry of LANGUAGES.trim().split(/\s+/)) {
  const [file = '', ...tags] = entry.split('=')
  const name = file.slice(file.lastIndexOf('/') + 1)
  const id = name.toLowerCase()
  FILES.set(id, file)
  for (const tag of [name, ...tags]) IDS.set(tag.toLowerCase(), id)
  LISTED.push({ id, languages: [name, ...tags] })
}

/** `auto`, which picks the language by the text, twelve other throats of it, then a voice for each language. */
export const espeakVoices: readonly Voice[] = [
  ...['auto', ...DISTINCT.map((variant) => `auto+${variant}`)].map((id) => ({ id, languages: [] })),
  ...LISTED,
]

export interface EspeakVoice {
  /** A language's id; absent when the text's script decides. */
  readonly language: string | undefined
  readonly variant: string | undefined
}

/** Reads an id such as `auto`, `en-gb` or `cmn+f2`; gives undefined when there is no such voice. */
export function espeakVoice(id: string): EspeakVoice | undefined {
  const [name = '', variant, ...rest] = id.split('+')
  if (rest.length > 0 || (variant !== undefined && !VARIANTS.has(variant))) return undefined
  if (name === 'auto') return { language: undefined, variant }
  const language = IDS.get(name.toLowerCase())
  return language === undefined ? undefined : { language, variant }
}

/** Finds the language for a BCP 47 tag, taking subtags off its end until one is known. */
export function espeakLanguage(tag: string): string | undefined {
  const subtags = tag.toLowerCase().split(/[-_]/)
  for (; subtags.length > 0; subtags.pop()) {
    const id = IDS.get(subtags.join('-'))
    if (id !== undefined) return id
  }
  return undefined
}

/** The name by which eSpeak finds a voice without looking through all of its files: `gmw/en+f2`. */
export function espeakFile(language: string, variant: string | undefined): string {
  const file = FILES.get(language) ?? language
  return variant === undefined ? file : `${file}+${variant}`
}
