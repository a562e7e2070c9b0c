// The full-width forms too: the host's own text front end makes them narrow before it reads tokens.
const TOKEN = /[<＜][|｜][^<＜>＞|｜\s]*[|｜][>＞]|[<＜][|｜]|[|｜][>＞]/gu

// Lines may be broken; half a character would have a host written in Python fail, as it cannot be encoded.
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\p{Cs}/gu

/**
 * Gives what a host may get of a text: no control characters, no halves of characters, and nothing that CosyVoice would
 * obey instead of say, such as `<|endofprompt|>`, whole or in part. A space takes a token's place, so that what stood
 * around it cannot join to a new one.
 */
export const sendable = (text: string): string => text.replace(CONTROL, '').replace(TOKEN, ' ').trim()
