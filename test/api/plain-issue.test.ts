import { expect, test } from 'bun:test'
import * as z from 'zod'
import { plainIssues } from '../../src/api/plain-issue.ts'

const schema = z.strictObject({
  text: z.string().min(1).max(3),
  voice: z.union([z.string().min(1), z.strictObject({ id: z.string().min(1) })]).optional(),
  speed: z.number().min(0.25).max(4).optional(),
  seed: z.number().int().optional(),
  format: z.enum(['mp3', 'wav']).optional(),
  trim: z.boolean().optional(),
  tag: z
    .string()
    .regex(/^[a-z]+$/, 'must be small letters')
    .optional(),
  list: z
    .array(z.strictObject({ of: z.string().min(3) }))
    .min(1)
    .max(2)
    .optional(),
  map: z.record(z.string(), z.string()).optional(),
  at: z.iso.date().optional(),
})

test.each<[unknown, string]>([
  [{}, 'text is required'],
  [{ text: 5 }, 'text must be a string, not a number'],
  [{ text: null }, 'text must be a string, not null'],
  [{ text: ['a'] }, 'text must be a string, not a list'],
  [{ text: '' }, 'text must not be empty'],
  [{ text: 'long' }, 'text must have at most 3 characters, current length is 4'],
  [{ text: 'a', voice: 5 }, 'voice must be a string or an object, not a number'],
  [{ text: 'a', voice: '' }, 'voice must not be empty'],
  [{ text: 'a', voice: {} }, 'voice.id is required'],
  [{ text: 'a', voice: { id: 5 } }, 'voice.id must be a string, not a number'],
  [{ text: 'a', speed: '1' }, 'speed must be a number, not a string'],
  [{ text: 'a', speed: 9 }, 'speed must be at most 4, current value is 9'],
  [{ text: 'a', speed: 0 }, 'speed must be at least 0.25, current value is 0'],
  [{ text: 'a', seed: 1.5 }, 'seed must be a whole number, not 1.5'],
  [{ text: 'a', format: 'ogg' }, 'format must be one of mp3, wav, not "ogg"'],
  [{ text: 'a', format: 5 }, 'format must be one of mp3, wav, not a number'],
  [{ text: 'a', trim: 'yes' }, 'trim must be true or false, not a string'],
  [{ text: 'a', tag: 'A' }, 'tag must be small letters'],
  [{ text: 'a', tag: true }, 'tag must be a string, not true'],
  [{ text: 'a', list: [] }, 'list must not be empty'],
  [{ text: 'a', list: [{ of: 'abc' }, 5] }, 'list.1 must be an object, not a number'],
  [{ text: 'a', list: [{ of: 'a' }] }, 'list.0.of must have at least 3 characters, current length is 1'],
  [
    { text: 'a', list: [{ of: 'abc' }, { of: 'abc' }, { of: 'abc' }] },
    'list must have at most 2 entries, current length is 3',
  ],
  [{ text: 'a', list: [{ of: 'abc', no: 1 }] }, 'list.0.no is not a known field'],
  [{ text: 'a', map: 'x' }, 'map must be an object, not a string'],
  [{ text: 'a', at: 'x' }, 'at is not valid'],
  [[], ' must be an object, not a list'],
  [{ a: 1, b: 2, text: 'a' }, 'a is not a known field; b is not a known field'],
])('plainIssues() says of %j what is wrong', (body, words) => {
  const { error } = schema.safeParse(body)
  const issues = plainIssues(error!.issues, body)
  expect(issues.map(({ field, message }) => `${field} ${message}`).join('; ')).toBe(words)
})
