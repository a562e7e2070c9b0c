const CLOSERS = `(?:["'”’»)\\]}）】》」』〉\\p{M}]|</[a-z]{1,12}>)*`
const TERMINATED = new RegExp(`[.!?…‼⁇⁈⁉‽。！？｡．﹒﹖﹗؟۔।॥։።፧။។]\\s?${CLOSERS}$`, 'u')
const SOFT = /[\s,;:，、；：،؛·–—-]/

/** Whether a text has anything to say: a letter or a digit. */
export const isSpeakable = (text: string): boolean => /[\p{L}\p{N}]/u.test(text)

/** Gives a text a stop at its end, that of its last letter's script, in place of a comma or dash. */
export function terminated(text: string): string {
  let to = text.length
  while (to > 0 && SOFT.test(text[to - 1] ?? '')) to--
  const bare = text.slice(0, to)
  return TERMINATED.test(bare) ? bare : `${bare}${stopOf(bare)}`
}

function stopOf(text: string): string {
  const last = /\p{L}(?=\P{L}*$)/u.exec(text)?.[0] ?? ''
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}]/u.test(last)) return '。'
  return /\p{Script=Devanagari}/u.test(last) ? '।' : '.'
}

/** Takes the brackets off control tokens such as `<|endofprompt|>`, which must not reach a model from outside. */
export const withoutControl = (text: string): string => text.replace(/<(?=\|)|(?<=\|)>/g, '')
