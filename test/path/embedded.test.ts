import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startSotto } from '../fakes/sotto.ts'
import { envelope, likeness } from './envelope.ts'

const RATE = 24_000
const TEXT = 'The quick brown fox jumps over the lazy dog near the river.'
const OTHER = 'Nobody has ever been seen at the market on a Sunday evening.'

const sotto = await startSotto({})
after(() => sotto[Symbol.asyncDispose]())

async function say(body: object) {
  const response = await sotto.post(body)
  assert.equal(response.status, 200)
  const samples = new Int16Array(await response.arrayBuffer())
  return { samples, seconds: samples.length / RATE, envelope: envelope(samples) }
}

function near(actual: number, expected: number, share: number): void {
  assert.ok(Math.abs(actual / expected - 1) < share, `${actual} is within ${share * 100} % of ${expected}`)
}

test('English and Chinese in one text are said as each is said alone', async () => {
  const both = await say({ input: 'Hello. 你好，世界。' })
  const english = await say({ input: 'Hello.' })
  const chinese = await say({ input: '你好，世界。' })
  assert.ok(likeness(both.envelope, english.envelope) > 0.9, 'it begins with the English')
  assert.ok(
    likeness(both.envelope.toReversed(), chinese.envelope.toReversed()) > 0.9,
    'it ends with the Chinese',
  )
  const pause = both.seconds - english.seconds - chinese.seconds
  assert.ok(pause > 0.2 && pause < 0.4, `${pause} s between them`)
})

test('what the voice cannot say is passed over, and is nobody’s failure', async () => {
  const silent = 'ꦧꦱꦗꦮ ꦧꦱꦗꦮ ꦧꦱ.'
  const rest = await say({ input: `${TEXT} ${silent} ${OTHER}` })
  const { seconds } = await say({ input: `${TEXT} ${OTHER}` })
  assert.ok(Math.abs(rest.seconds - seconds) < 0.5, `${rest.seconds} s, where ${seconds} are said`)
  for (const input of [silent, `${silent} ${silent}`, `${silent} ${silent} ${silent}`]) {
    const refused = await sotto.post({ input })
    assert.equal(refused.status, 400)
    assert.match(await refused.text(), /Nothing to say/)
  }
  await say({ input: TEXT })
  assert.equal((await fetch(`${sotto.url}/readyz`)).status, 200)
})

test('speed changes how long a text takes, by its ratio', async () => {
  const { seconds } = await say({ input: TEXT })
  assert.ok(seconds > 2 && seconds < 5)
  near((await say({ input: TEXT, speed: 0.25 })).seconds, seconds * 4, 0.03)
  near((await say({ input: TEXT, speed: 4 })).seconds, seconds / 4, 0.03)
})

for (const rate of [8_000, 16_000, 48_000]) {
  test(`at ${rate} Hz the same is said in the same time, raw and as WAV`, async () => {
    const usual = await say({ input: TEXT })
    const pcm = await sotto.post({ input: TEXT, sample_rate: rate })
    const samples = new Int16Array(await pcm.arrayBuffer())
    near(samples.length / rate, usual.seconds, 0.01)
    assert.ok(likeness(envelope(samples, rate), usual.envelope) > 0.9)
    const wav = await (await sotto.post({ input: TEXT, sample_rate: rate, response_format: 'wav' })).bytes()
    assert.equal(new DataView(wav.buffer).getUint32(24, true), rate)
    near((wav.length - 44) / 2 / rate, usual.seconds, 0.01)
  })
}

test('requests at once are not mixed: each hears what it would hear alone', async () => {
  const texts = [TEXT, OTHER]
  const alone = [await say({ input: TEXT }), await say({ input: OTHER })]
  const together = await Promise.all([...texts, ...texts].map((input) => say({ input })))
  for (const [i, heard] of together.entries()) {
    near(heard.seconds, alone[i % 2]!.seconds, 0.01)
    assert.ok(likeness(heard.envelope, alone[i % 2]!.envelope) > 0.9)
    assert.ok(likeness(heard.envelope, alone[(i + 1) % 2]!.envelope) < 0.7)
  }
})
