// The full-width forms too: the host's own text front end makes them narrow before it reads tokens.
const TOKEN = /[<＜][|｜][^<＜>＞|｜\s]*[|｜][>＞]|[<＜][|｜]|[|｜][>＞]/gu

// Lines may be broken; half a character would have a host written in Python fail, as it cannot be encoded.
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\p{Cs}/gu

/**
 * Takes out control characters, halves of characters and what CosyVoice would obey instead of say, such as `<|endofprompt|>`, whole or in part. A space takes
 * its place, so that what stood around it cannot join to a new one.
 */
export const withoutControlTokens = (text: string): string =>
  text.replace(CONTROL, '').replace(TOKEN, ' ').trim()
