import { describe, expect, test } from 'bun:test'
import { parseExposition } from './exposition.ts'

const HEAD = '# HELP a What.\n# TYPE a counter\n'
const HISTOGRAM = '# HELP h What.\n# TYPE h histogram\n'

describe('parseExposition()', () => {
  test('reads values, labels and escapes', () => {
    const { samples } = parseExposition(`${HEAD}a 1.5e-7\na{x="q\\"\\\\\\n",y=""} +Inf\n`).get('a')!
    expect(samples).toEqual([
      { name: 'a', labels: {}, value: 1.5e-7 },
      { name: 'a', labels: { x: 'q"\\\n', y: '' }, value: Infinity },
    ])
  })

  test.each([
    ['no last line end', `${HEAD}a 1`],
    ['no TYPE', '# HELP a What.\na 1\n'],
    ['no HELP', '# TYPE a counter\na 1\n'],
    ['HELP twice', `${HEAD}a 1\n${HEAD}`],
    ['an unknown type', '# HELP a What.\n# TYPE a meter\n'],
    ['a value that is none', `${HEAD}a Nan\n`],
    ['two values', `${HEAD}a 1 2 3\n`],
    ['a label without quotes', `${HEAD}a{x=1} 1\n`],
    ['an open quote', `${HEAD}a{x="1} 1\n`],
    ['a label twice', `${HEAD}a{x="1",x="2"} 1\n`],
    ['a comma at the end', `${HEAD}a{x="1",} 1\n`],
    ['an unknown escape', `${HEAD}a{x="\\t"} 1\n`],
    ['a sample of another family', `${HEAD}b 1\n`],
    ['a sample twice', `${HEAD}a{x="1",y="2"} 1\na{y="2",x="1"} 1\n`],
    ['buckets that fall', `${HISTOGRAM}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`],
    ['buckets without an end', `${HISTOGRAM}h_bucket{le="1"} 2\nh_sum 1\nh_count 2\n`],
    ['a histogram without a sum', `${HISTOGRAM}h_bucket{le="+Inf"} 1\nh_count 1\n`],
  ])('refuses %s', (_, text) => {
    expect(() => parseExposition(text)).toThrow()
  })
})
