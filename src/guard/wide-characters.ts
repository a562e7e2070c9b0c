const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー々〇]/gu

/** Counts the characters that take about three letters' time to say: Chinese, Japanese and Korean ones. */
export const wideCharacters = (text: string): number => text.match(WIDE)?.length ?? 0
