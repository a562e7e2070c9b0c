// The full-width forms too: the host's own text front end makes them narrow before it reads tokens.
const TOKEN = /[<＜][|｜][^<＜>＞|｜\s]*[|｜][>＞]|[<＜][|｜]|[|｜][>＞]/gu

/**
 * Takes out what CosyVoice would obey instead of say, such as `<|endofprompt|>`, whole or in part. A space takes
 * its place, so that what stood around it cannot join to a new one.
 */
export const withoutControlTokens = (text: string): string => text.replace(TOKEN, ' ').trim()
