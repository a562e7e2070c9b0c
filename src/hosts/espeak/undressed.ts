/** Letters, digits and signs in another dress, which eSpeak leaves out or spells by their Unicode names. */
const DRESSED =
  /[\u2100-\u214f\u3371-\u33df\u33ff\uff04-\uff06\uff0b\uff0d\uff0f-\uff19\uff1c-\uff1e\uff20-\uff3a\uff41-\uff5a\uffe0-\uffe6\u{1d400}-\u{1d7ff}]/gu
/** Those in circles, brackets and squares, each of which is a word. */
const ENCLOSED = /[\u2460-\u24ff\u3200-\u3370\u33e0-\u33fe\u{1f100}-\u{1f16b}]/gu

/** Gives a text with its plain signs: `１２％` as `12%`, `℃` as `°C`, `①②` as `1 2`. Punctuation stays as it is. */
export const undressed = (text: string): string =>
  text
    .replace(DRESSED, (sign) => sign.normalize('NFKC'))
    .replace(ENCLOSED, (sign) => ` ${sign.normalize('NFKC').replace(/[()]/g, '')} `)
