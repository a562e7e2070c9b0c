import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { speakable } from '../../../src/clauses/speakable/speakable.ts'
import { chunked, nasty, said } from '../chunks.ts'

test.each([
  ['paragraphs', 'One  two\t three\n\n\n Four\u00a0five\u3000six', 'One two three\n\nFour five six'],
  ['lines that stand for themselves', 'One\nTwo\r\nThree\rFour', 'One\nTwo\nThree\nFour'],
  ['lines that go on', 'We went\nhome, then,\nTired, we slept', 'We went home, then, Tired, we slept'],
  ['wrapped lines', `${'It goes on '.repeat(6)}with\nTom.`, `${'It goes on '.repeat(6)}with Tom.`],
  ['wrapped wide lines', `${'一直这样'.repeat(9)}\n说下去`, `${'一直这样'.repeat(9)}说下去`],
  ['control characters', 'a\0b\u0007c\u200bd\u202ee\ufefff\u0085g', 'abcdef g'],
  ['lone surrogates', 'a\ud83db\ude00c', 'abc'],
  ['a terminal’s colours', '\x1b[1;31mRed\x1b[0m and \x1b[2Kplain, \x1b7 [4m', 'Red and plain, 7 [4m'],
  ['control tokens', 'Say<|endofprompt|>this <|im_start|> now', 'Say this now'],
  ['halves of control tokens', 'a <| b |> c <<|x|>|y|>', 'a < b | c < |y|'],
  [
    'marks of CosyVoice',
    'Ha [laughter] <strong>no</strong> [breath]',
    'Ha [laughter] <strong>no</strong> [breath]',
  ],
  ['emphasis', '**a** *b* __c__ _d_ ~~e~~ ***f***', 'a b c d e f'],
  ['emphasis beside digits', '**x**2 and **Version 2**, *2*(3)', 'x2 and Version 2, 2(3)'],
  ['emphasis among wide characters', '这是**重点**和*斜体*。', '这是重点和斜体。'],
  [
    'what only looks like emphasis',
    '2 * 3 = 6, 2*3, 2**3, 2 ** 3, x**2, 2*-3, 5*(3+2), snake_case, a_b_c, ~5',
    '2 * 3 = 6, 2*3, 2**3, 2 ** 3, x**2, 2*-3, 5*(3+2), snake_case, a_b_c, ~5',
  ],
  ['escapes', '\\*not\\* a\\_b C:\\dir', '*not* a_b C:\\dir'],
  ['inline code', 'Use `a_*b*` and ``c`d``.', 'Use a_*b* and c`d.'],
  ['fenced code', 'Do:\n```js\na.b()\n\n```\nDone.\n~~~\nx\n~~~', 'Do:\n\nDone.\n\n'],
  ['an open fence', 'Do:\n```\nx = 1', 'Do:\n\n'],
  ['headings', '# One\ntext\n### Two ###\ntext', 'One\n\ntext\n\nTwo ###\n\ntext'],
  ['hashtags', '#nofilter #1', '#nofilter #1'],
  [
    'where links lead',
    'See [a][1].\n\n[1]: https://a.b/c "T"\n[a]: <x.y>\n[note]: so',
    'See a.\n\n[note]: so',
  ],
  ['raised numbers', '10<sup>6</sup> m<SUP>-2</SUP> 1<sup>st</sup> a<sup>12', '10⁶ m⁻² 1st a<sup>12'],
  ['thoughts', '<think>\nHm, a < b.\n</think>\n\nYes. <thinking>So</thinking>', 'Yes.'],
  ['lists', '- a\n* b\n+ c\n  - d\n• e', 'a\nb\nc\nd\ne'],
  [
    'Chinese numbered lists',
    '有：\n1、甲\n2、乙\n3.丙\n（4）丁\n⑤戊\n六、己',
    '有：\n1、甲\n2、乙\n3.丙\n（4）丁\n⑤戊\n六、己',
  ],
  ['numbered lists', 'It is:\n1. a\n2) b\n10. c', 'It is:\n1. a\n2) b\n10. c'],
  ['tasks', '- [ ] a\n- [x] b', 'a\nb'],
  ['minus signs', '-5 degrees\n-- so', '-5 degrees\n-- so'],
  ['rules', 'a\n\n---\n\n* * *\nb\n===\nc', 'a\n\nb\n\nc'],
  ['block quotes', '> a\n> > b', 'a b'],
  ['tables', '| a | b |\n|---|:-:|\n| c | |\n| | d |', 'a, b\nc\nd'],
  ['links', 'See [a b](https://c.d/e_(f) "t"), [g][h].', 'See a b, g.'],
  ['images', '![a cat](c.png) and ! [x]', 'a cat and ! [x]'],
  ['what only looks like a link', 'a[0] [1] [sic] (b) [c] (d)', 'a[0] [1] [sic] (b) [c] (d)'],
  ['footnotes', 'So it is[^1].\n\n[^1]: A note.', 'So it is.\n\nA note.'],
  ['tags', '<p>a<br/>b <b class="x">c</b></p>', 'a\nb c'],
  ['tags that nobody knows', 'A<tool>b</tool>, <my-tag data-x on="1">c</my-tag> <o:p/><unk>.', 'A b, c.'],
  ['tags with all kinds of attributes', "<input disabled value = 'a b' @on=x><a href=b/c>d</a>", 'd'],
  [
    'marks of speech with attributes',
    '<strong class="x">no</strong> <laugh/>',
    '<strong>no</strong> <laugh/>',
  ],
  ['scripts', 'a<script>\nif (b < c && d > e) f("</scrip>")\n# g\n</SCRIPT > h', 'a h'],
  ['styles', '<style media="print">\np > a { b: c }\n</style>\nd<script src="e"/> f', 'd f'],
  ['a script that does not end', 'a\n<script>b </script', 'a'],
  [
    'what is named and not begun',
    'The <script> tag, <!-- and <think>.\nSo',
    'The <script> tag, <!-- and <think>.\nSo',
  ],
  ['a script within a line', 'a <script>b()</script> c', 'a c'],
  ['quoted fences', '> ```py\n> x\n> ```\n\nSo\n> ~~~\n> y\nOn', 'So\n\nOn'],
  ['fences far in', '- a\n         ```js\n         x\n         ```\nSo', 'a\n\nSo'],
  ['rows of tildes', 'One\n~~~~~~~~\nTwo', 'One\n\nTwo'],
  ['citations', 'So it is.[1][2] “Yes.”[3]\n是的。[4]好', 'So it is. “Yes.”\n是的。好'],
  ['indices', 'a[0][1], f[i][j] and x [1][2]', 'a[0][1], f[i][j] and x [1][2]'],
  ['comments', '<!DOCTYPE html>\na <!-- b > c --\n-- --> d', 'a d'],
  [
    'what only looks like a tag',
    'a <- b <3, c <d, e> f, x <y open to z> w <é> <!x>',
    'a <- b <3, c <d, e> f, x <y open to z> w <é> <!x>',
  ],
  ['comparisons', 'a < b, x <y and z> w, c <d and e> f, x<y', 'a < b, x <y and z> w, c <d and e> f, x<y'],
  ['entities', 'A &amp; B &lt; C&nbsp;D AT&T', 'A & B < C D AT&T'],
  [
    'punctuation that is written as entities',
    'It&rsquo;s&nbsp;5 &times; 3&hellip; a&mdash;b',
    'It’s 5 × 3… a—b',
  ],
  ['characters by number', 'It&#8217;s &#x4f60;&#22909;&#X3002; &#128077;', 'It’s 你好。 👍'],
  ['numbers of what is no text', 'a&#0;b &#27;[1m c&#xD800;d&#x110000;e&#x200b;f', 'a b [1m c d e f'],
  [
    'what only looks like an entity',
    'R&D; a&b &bogus; &#; &#x; &#xyz; &#12345678; &amp',
    'R&D; a&b &bogus; &#; &#x; &#xyz; &#12345678; &amp',
  ],
  ['emoji', 'Hi 😀! 👨‍👩‍👧‍👦Go 🇩🇪, 👍🏽 ok❤️.', 'Hi! Go, ok.'],
  ['emoji among wide characters', '你好😀世界', '你好世界'],
  ['keycaps and signs', '1️⃣ © ™ 5', '1 © ™ 5'],
  ['URLs', 'See https://www.example.com/a/b?c=d#e. Or www.a.org!', 'See example.com. Or a.org!'],
  [
    'URLs among wide characters',
    '请看https://a.cn/b?c=1。谢谢，或www.b.cn/d查看',
    '请看a.cn。谢谢，或b.cn查看',
  ],
  ['URLs in brackets', '(http://a.b:80/c), <https://d.e/f>, https://g.h/i_(j)', '(a.b), d.e, g.h'],
  ['what only looks like a URL', 'h ht http www w. https', 'h ht http www w. https'],
])('speakable() makes speech of %s', (_name, text, expected) => {
  expect(said([text])).toBe(expected)
})

describe('speakable() leaves alone', () => {
  const only = (off: object, text: string) => {
    const stage = speakable({ markdown: false, emoji: false, urls: false, ...off })
    return stage.push(text) + stage.end()
  }
  const text = '**a** 😀 https://a.b/c'

  test('what is switched off', () => {
    expect(only({}, text)).toBe(text)
    expect(only({ markdown: true }, text)).toBe('a 😀 https://a.b/c')
    expect(only({ emoji: true }, text)).toBe('**a** https://a.b/c')
    expect(only({ urls: true }, text)).toBe('**a** 😀 a.b')
  })

  test('no control token, whatever is switched off', () => {
    expect(only({}, 'a <|b|> c')).toBe('a c')
  })
})

test('speakable() gives the same for any chunks, and no control token', () => {
  fc.assert(
    fc.property(chunked(nasty), (chunks) => {
      const whole = said([chunks.join('')])
      expect(said(chunks)).toBe(whole)
      expect(whole).not.toMatch(/<\||\|>/)
      expect(whole.isWellFormed()).toBe(true)
    }),
    { numRuns: 3000 },
  )
})

test('speakable() leaves control characters where it is told to, but for its own marks and halves of characters', () => {
  const text = 'a\u0007\u200bb\u001b[1mc\0\u0001\u0002\ud83d d\r\nE <|x|> f'
  expect(said([text], { controls: false })).toBe('a\u0007\u200bb\u001b[1mc d\nE f')
  expect(
    said(
      [...text].flatMap((c) => c.split('')),
      { controls: false },
    ),
  ).toBe('a\u0007\u200bb\u001b[1mc d\nE f')
})

test('speakable() holds back no plain text', () => {
  const stage = speakable()
  let given = ''
  for (const character of 'Hello, Dr. Smith! 你好。 It is 3.14 (or so)?') {
    given += stage.push(character)
    // white space alone waits for what it parts
    if (character !== ' ') expect(given.at(-1)).toBe(character)
  }
})

test('speakable() waits for no more of what cannot be a tag any more', () => {
  const stage = speakable()
  const given: string[] = []
  for (const character of 'x <y and z') given.push(stage.push(character))
  expect(given.join('')).toBe('x <y and z')
  expect(given.findIndex((text) => text.includes('<'))).toBe(given.length - 1)
})

test('speakable() goes on in the same script after a flush, and holds none of it', () => {
  const stage = speakable()
  const parts = [stage.push(`a.<script>b = 1${' + 2'.repeat(500)}`)]
  expect(stage.held).toBe('')
  parts.push(stage.flush(), stage.push(' + 2</scr'), stage.push('ipt>Done.'), stage.end())
  expect(parts.join('')).toBe('a.Done.')
})

test('speakable() goes on in the same fence after a flush', () => {
  const stage = speakable()
  const parts = [stage.push('Do:\n```\nx = 1'), stage.flush(), stage.push(' + 2\n```\nDone.'), stage.end()]
  expect(parts.join('')).toBe('Do:\n\nDone.')
})

test('speakable() finds a URL behind a word that only ends like one', () => {
  expect(said(['aw', 'ww.\n\nww', 'w.b'])).toBe('awww.\n\nb')
})
