import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { FakeModel } from './cosyvoice-model.ts'
import { type CosyvoiceServer, startCosyvoiceServer } from './cosyvoice-server.ts'
import { bytesOf, heardOf } from './cosyvoice-voice.ts'
import { patternOf, patternPieces } from './pattern-voice.ts'
import { recordingOf } from './recording.ts'

/** The server's habits that adapters are tested against, as PROTOCOLS and the upstream source have them. */
describe('startCosyvoiceServer()', () => {
  let server: CosyvoiceServer
  beforeAll(async () => {
    server = await startCosyvoiceServer()
  })
  afterAll(() => server.close())
  beforeEach(() => server.behave({ firstByteMs: 0, rtf: 0, hang: undefined, pieceChars: 1 }))

  const post = (route: string, fields: Record<string, string | File>, url = server.url) => {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    return fetch(`${url}/${route}`, { method: 'POST', body })
  }
  const anna = { tts_text: 'Hello. You there?', spk_id: '英文女' }

  test('answers 200 without a content type before it computes, then samples, one chunk a piece', async () => {
    server.behave({ firstByteMs: 60 })
    const started = performance.now()
    const response = await post('inference_sft', anna)
    expect(server.calls.at(-1)!.firstByteAt).toBeUndefined()
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBeNull()
    const sizes: number[] = []
    for await (const chunk of response.body!) sizes.push(chunk.length)
    expect(performance.now() - started).toBeGreaterThan(50)
    const whole = ['Hello.', ' You there?'].map((text) => bytesOf(heardOf(text, { rate: 22_050 })).length)
    expect(sizes.reduce((sum, size) => sum + size)).toBe(whole[0]! + whole[1]!)
  })

  test('takes urlencoded forms too, and no JSON', async () => {
    const url = `${server.url}/inference_sft`
    const form = await fetch(url, { method: 'POST', body: new URLSearchParams(anna) })
    expect([form.status, (await form.arrayBuffer()).byteLength > 0]).toEqual([200, true])
    const headers = { 'content-type': 'application/json' }
    const json = await fetch(url, { method: 'POST', headers, body: JSON.stringify(anna) })
    expect(json.status).toBe(422)
    expect(await json.json()).toMatchObject({
      detail: [{ loc: ['body', 'tts_text'] }, { loc: ['body', 'spk_id'] }],
    })
  })

  test('answers an empty field 422, a bad recording 500, an unknown route 404', async () => {
    expect((await post('inference_sft', { ...anna, tts_text: '' })).status).toBe(422)
    const bad = new File(['no wav'], 'p.wav')
    expect((await post('inference_cross_lingual', { tts_text: 'Hi.', prompt_wav: bad })).status).toBe(500)
    const low = new File([recordingOf(8_000)], 'p.wav')
    expect((await post('inference_cross_lingual', { tts_text: 'Hi.', prompt_wav: low })).status).toBe(500)
    expect((await post('inference', {})).status).toBe(404)
  })

  test('cuts the body where inference fails: an unknown voice, another version’s call, a missing mark', async () => {
    const prompt_wav = new File([recordingOf()], 'p.wav')
    const clone = { tts_text: 'Hi.', prompt_wav }
    const cases: [FakeModel, string, Record<string, string | File>][] = [
      ['cosyvoice-300m-sft', 'inference_sft', { ...anna, spk_id: 'nobody' }],
      ['cosyvoice2', 'inference_sft', anna],
      ['cosyvoice2', 'inference_instruct', { ...anna, instruct_text: 'x' }],
      ['cosyvoice-300m', 'inference_instruct2', { ...clone, instruct_text: 'x' }],
      ['cosyvoice3', 'inference_zero_shot', { ...clone, prompt_text: 'x' }],
      ['cosyvoice3', 'inference_cross_lingual', clone],
    ]
    for (const [model, route, fields] of cases) {
      await using other = await startCosyvoiceServer({ model })
      const response = await post(route, fields, other.url)
      expect(response.status).toBe(200)
      expect(await response.arrayBuffer().catch(() => 'cut')).toBe('cut')
    }
  })

  test('version 2 reads an instruction aloud that lacks its mark', async () => {
    await using other = await startCosyvoiceServer({ model: 'cosyvoice2' })
    const prompt_wav = new File([recordingOf()], 'p.wav')
    const fields = { tts_text: 'Hi.', prompt_wav }
    const lengths: number[] = []
    for (const instruct_text of ['Calm.<|endofprompt|>', 'Calm.']) {
      const response = await post('inference_instruct2', { ...fields, instruct_text }, other.url)
      lengths.push((await response.arrayBuffer()).byteLength)
    }
    expect(lengths[1]!).toBeGreaterThan(lengths[0]!)
  })

  test('finishes the piece that it computes when the caller has left, and no other', async () => {
    server.behave({ firstByteMs: 30 })
    const caller = new AbortController()
    const { signal } = caller
    const call = fetch(`${server.url}/inference_sft`, {
      method: 'POST',
      body: new URLSearchParams(anna),
      signal,
    })
    await call
    caller.abort()
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(server.calls.at(-1)).toMatchObject({ aborted: true, finishedAt: undefined })
    expect(server.running).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(server.running).toBe(0)
    expect(server.calls.at(-1)!.firstByteAt).toBeUndefined()
  })

  test('computes many at once', async () => {
    server.behave({ firstByteMs: 20 })
    const replies = Array.from({ length: 8 }, () => post('inference_sft', anna))
    await Promise.all(replies.map(async (reply) => (await reply).arrayBuffer()))
    expect(server.mostRunning).toBeGreaterThanOrEqual(8)
  })

  test('falls silent in its audio when told so, and leaves the connection open', async () => {
    server.behave({ hangAfterBytes: 1_001 })
    const response = await post('inference_sft', anna)
    const reader = response.body!.getReader()
    let size = 0
    while (size < 1_001) size += (await reader.read()).value!.length
    const more = reader.read().then(() => 'more')
    const pause = new Promise<string>((resolve) => setTimeout(() => resolve('silence'), 30))
    expect(await Promise.race([more, pause])).toBe('silence')
    await reader.cancel()
    server.behave({ hangAfterBytes: undefined })
  })

  test('speaks as it is told to', async () => {
    await using other = await startCosyvoiceServer({
      model: 'cosyvoice2',
      voices: ['v'],
      speak: patternPieces,
    })
    const response = await post('inference_sft', { tts_text: 'Hello you.', spk_id: 'v' }, other.url)
    const heard = new Int16Array(await response.arrayBuffer())
    expect(heard).toEqual(patternOf('Hello you.', { rate: 24_000 }))
  })

  test('never answers when told so', async () => {
    for (const hang of ['headers', 'audio'] as const) {
      server.behave({ hang })
      const body = new URLSearchParams(anna)
      const reply = fetch(`${server.url}/inference_sft`, {
        method: 'POST',
        body,
        signal: AbortSignal.timeout(30),
      })
      const outcome = reply.then((response) => response.arrayBuffer())
      expect(await outcome.catch((thrown: Error) => thrown.name)).toBe('TimeoutError')
    }
  })
})
