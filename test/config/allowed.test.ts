import { expect, test } from 'bun:test'
import { parseConfig } from '../../src/config.ts'

test.each([
  [{ port: 'x' }, 'a whole number from 0 to 65535'],
  [{ drainSeconds: 'x' }, 'a number from 0 to 3600'],
  [{ audio: { trim: 'maybe' } }, 'true or false'],
  [{ audio: { spoolBytes: 'x' } }, 'a whole number of at least 1000000'],
  [{ hosts: 5 }, 'a list'],
  [{ text: 5 }, 'a group of settings'],
  [{ lexicon: [{ pattern: [], replacement: 'x' }] }, 'text of 1 to 200 characters'],
  [{ host: [] }, 'text that is not empty'],
  [
    { hosts: [{ id: 'a', kind: 'cosyvoice-http', model: 'other', url: [], voices: [] }] },
    'an address such as',
  ],
])('a mistake tells what is allowed: %j', (settings, allowed) => {
  expect(() => parseConfig(settings as never)).toThrow(allowed)
})
