import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CosyvoiceServer,
  type CosyvoiceServerOptions,
  startCosyvoiceServer,
} from '../fakes/cosyvoice-server.ts'
import { type Sotto, startSotto } from '../fakes/sotto.ts'

const TEXT =
  'This is the first sentence of the text. Here is the second one, which is as long as the first one.'

interface Rig extends AsyncDisposable {
  readonly sotto: Sotto
  readonly server: CosyvoiceServer
}

/** A real sotto before a CosyVoice server, one call at a time. */
async function rig(settings: object, behaviour: CosyvoiceServerOptions): Promise<Rig> {
  const server = await startCosyvoiceServer(behaviour)
  const voices = [
    { id: 'anna', mode: 'sft', spkId: '英文女' },
    { id: 'nobody', mode: 'sft' },
  ]
  const model = 'cosyvoice-300m-sft'
  const host = { id: 'gpu', kind: 'cosyvoice-http', url: server.url, model, slots: 1, voices, ...settings }
  const sotto = await startSotto({ hosts: [host] })
  const close = async () => {
    await sotto[Symbol.asyncDispose]()
    await server.close()
  }
  return { sotto, server, [Symbol.asyncDispose]: close }
}

const ask = ({ sotto }: Rig, { voice = 'anna', signal }: { voice?: string; signal?: AbortSignal } = {}) =>
  sotto.post({ input: TEXT, voice }, { signal: signal ?? null })

async function until(happened: () => boolean, ms = 2_000): Promise<void> {
  for (const end = performance.now() + ms; !happened(); ) {
    assert.ok(performance.now() < end, `it happens in ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** So that what only the collector would do is done. */
async function churn(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    Array.from({ length: 20_000 }, (_, k) => ({ k }))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

test('speech comes through a CosyVoice host, whole', async () => {
  await using it = await rig({}, { chunkBytes: 4_097 })
  const response = await ask(it)
  assert.equal(response.status, 200)
  const seconds = (await response.arrayBuffer()).byteLength / 48_000
  assert.ok(Math.abs(seconds - TEXT.length * 0.067) < 1.5, `${seconds} s`)
})

for (const when of ['before the first audio', 'in the middle'] as const) {
  const slow = when === 'in the middle' ? { rtf: 0.05, seconds: 10 } : { firstByteMs: 120 }

  test(`a caller who leaves ${when}: drain holds the slot until the host is free`, async () => {
    await using it = await rig({ onAbandon: 'drain' }, slow)
    const call = await leave(it)
    const next = ask(it)
    await until(() => call.finishedAt !== undefined)
    assert.equal(call.aborted, false)
    assert.equal(it.server.mostRunning, 1)
    assert.equal((await next).status, 200)
    await (await next).body?.cancel()
  })

  test(`a caller who leaves ${when}: abort frees the host's connection within 50 ms`, async () => {
    await using it = await rig({ onAbandon: 'abort' }, slow)
    const call = await leave(it)
    await until(() => call.aborted, 50)
  })

  const leave = async (it: Rig) => {
    const caller = new AbortController()
    const response = ask(it, { signal: caller.signal })
    response.catch(() => {})
    const reader = when === 'in the middle' ? (await response).body!.getReader() : undefined
    await reader?.read()
    await churn()
    await until(() => it.server.running > 0)
    // Deno's fetch forgets its signal once the collector has been by, and reads on.
    if (reader) await reader.cancel()
    else caller.abort()
    const call = it.server.calls.at(-1)!
    assert.equal(call.finishedAt, undefined)
    return call
  }
}

test('a reply cut before any audio is a 502, one cut later is a cut stream', async () => {
  await using it = await rig({}, {})
  assert.equal((await ask(it, { voice: 'nobody' })).status, 502)
  it.server.behave({ cutAfterBytes: 60_001 })
  await assert.rejects(async () => (await ask(it)).arrayBuffer())
})

test('a host that is not there is a 503', async () => {
  await using it = await rig({}, {})
  await it.server.close()
  assert.equal((await ask(it)).status, 503)
})
