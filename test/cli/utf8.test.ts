import { expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { utf8 } from '../../src/cli/utf8.ts'

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]) {
  let at = 0
  for (const size of sizes) {
    yield bytes.subarray(at, at + size)
    at += size
  }
  yield bytes.subarray(at)
}

async function read(bytes: Uint8Array, sizes: readonly number[] = []) {
  const parts: string[] = []
  for await (const part of utf8(chunksOf(bytes, sizes), 'story.txt')) parts.push(part)
  return parts.join('')
}

const sizes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 20 })

test('utf8() reads any text, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), sizes, async (text, cuts) => {
      expect(await read(Buffer.from(`x${text}`), cuts)).toBe(`x${text}`)
    }),
  )
})

test('utf8() finds the first wrong byte and its line, however the text is cut', async () => {
  const text = fc.array(fc.constantFrom('a', 'ü', '你', '😀', '\n'), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(text, text, sizes, async (before, after, cuts) => {
      const start = Buffer.from(before.join(''))
      const wrong = [0xe4, 0xbd] // begins a character that does not go on
      const bytes = Buffer.concat([start, Buffer.from([...wrong, 0xff]), Buffer.from(after.join(''))])
      const line = 1 + before.filter((sign) => sign === '\n').length
      const place = `story.txt is not UTF-8 at byte ${start.length + 1}, in line ${line}; convert it first`
      await expect(read(bytes, cuts)).rejects.toThrow(place)
    }),
  )
})

test('utf8() tells of text that ends within a character', async () => {
  const bytes = Buffer.from('One.\n你').subarray(0, -1)
  await expect(read(bytes)).rejects.toThrow('story.txt is not UTF-8 at byte 6, in line 2')
})
