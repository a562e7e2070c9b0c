import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Format } from '../../src/speech.ts'
import { hostOf } from '../fakes/host.ts'
import { needs } from '../fakes/needs.ts'
import { pcmOf } from '../fakes/samples.ts'
import { type Sotto, startSotto } from '../fakes/sotto.ts'
import { ffmpeg } from '../pcm/decode.ts'

/** Two sentences and the pause between them: several chunks, a seam, and no whole number of any codec's frames. */
const INPUT = 'This is the first sentence of a short text. This is the second one, and the last.'
const host = hostOf('fake', { synthesize: async () => pcmOf([tone(1.234), tone(0.5)]) })
const WITHOUT_FFMPEG = needs('ffmpeg') ? false : 'needs ffmpeg'

/** What a reply begins with; what ffmpeg hears comes at `heardAt` samples a second. */
const EXPECTED: Record<Format, { type: string; begins: RegExp; heardAt: number }> = {
  pcm: { type: 'audio/pcm;rate=24000;channels=1', begins: /^/, heardAt: 24_000 },
  wav: { type: 'audio/wav', begins: /^RIFF\xff{4}WAVEfmt [\s\S]{20}data\xff{4}/, heardAt: 24_000 },
  mp3: { type: 'audio/mpeg', begins: /^\xff[\xe2-\xff]/, heardAt: 24_000 },
  opus: { type: 'audio/ogg;codecs=opus', begins: /^OggS[\s\S]{24}OpusHead/, heardAt: 48_000 },
  flac: { type: 'audio/flac', begins: /^fLaC/, heardAt: 24_000 },
  mulaw: { type: 'audio/basic', begins: /^/, heardAt: 8_000 },
  alaw: { type: 'audio/PCMA', begins: /^/, heardAt: 8_000 },
}

for (const [format, { type, begins, heardAt }] of Object.entries(EXPECTED)) {
  test(`${format} is named and begins as such`, async () => {
    await using sotto = await startSotto({}, [host])
    const response = await sotto.post({ input: INPUT, response_format: format })
    assert.equal(response.headers.get('content-type'), type)
    assert.match(Buffer.from(await response.arrayBuffer()).toString('latin1'), begins)
  })

  test(`${format} is as long as the samples are`, { skip: WITHOUT_FFMPEG, timeout: 30_000 }, async () => {
    await using sotto = await startSotto({}, [host])
    const seconds = (await bytes(sotto, 'pcm')).length / 2 / 24_000
    const heard = ffmpeg(await bytes(sotto, format), { format: format as Format, rate: heardAt })
    const off = Math.abs(heard.length / heardAt - seconds)
    assert.ok(off < Math.max(0.03, 0.01 * seconds), `${off} s off ${seconds} s`)
  })
}

test('server-sent events carry the very bytes of the audio', async () => {
  await using sotto = await startSotto({}, [host])
  const response = await sotto.post({ input: INPUT, stream_format: 'sse' })
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  const events = (await response.text())
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.replace(/^data: /, '')) as { type: string; audio?: string })
  const audio = events.filter(({ type }) => type === 'speech.audio.delta')
  const sent = Buffer.concat(audio.map((event) => Buffer.from(event.audio ?? '', 'base64')))
  assert.equal(Buffer.compare(sent, await bytes(sotto, 'pcm')), 0)
  assert.equal(events.at(-1)?.type, 'speech.audio.done')
})

async function bytes(sotto: Sotto, format: string) {
  const response = await sotto.post({ input: INPUT, response_format: format })
  assert.equal(response.status, 200)
  return new Uint8Array(await response.arrayBuffer())
}

/** A clear 440 Hz, which every codec keeps. */
function tone(seconds: number) {
  return Int16Array.from(
    { length: Math.round(seconds * 24_000) },
    (_, i) => 8_000 * Math.sin((2 * Math.PI * 440 * i) / 24_000),
  )
}
