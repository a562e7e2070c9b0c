import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { freePort } from '../fakes/port.ts'
import { square } from '../fakes/samples.ts'
import { type Listener, listen } from '../load/listener.ts'

/** More than the 256 that Bun lets through when it is started as it comes. */
const CALLS = 300

test('sotto serve has more calls with hosts at once than Bun lets through by itself', async () => {
  let calls = 0
  const all = Promise.withResolvers<void>()
  const patience = setTimeout(all.resolve, 5000)
  using host = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch() {
      if (++calls === CALLS) all.resolve()
      await all.promise // none is answered before all are there, or patience is at its end
      return new Response(square(1), { headers: { 'content-type': 'audio/pcm' } })
    },
  })
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'sotto-test-'))
  const config = join(folder, 'sotto.json')
  const gpu = { id: 'gpu', kind: 'openai', url: `http://127.0.0.1:${host.port}/v1`, model: 'm' }
  const places = { slots: CALLS, maxRequestsPerSecond: 10_000, voices: [{ id: 'v' }] }
  writeFileSync(config, JSON.stringify({ port, hosts: [{ ...gpu, ...places }] }))
  const sotto = Bun.spawn([process.execPath, 'src/main.ts', 'serve', '--config', config], {
    stdout: 'ignore',
  })
  const listeners: Listener[] = []
  try {
    await answers(`http://127.0.0.1:${port}/healthz`)
    for (let i = 0; i < CALLS; i++) {
      const body = {
        model: 'm',
        voice: 'v',
        input: 'Hello there.',
        response_format: 'pcm',
        cache: 'no-store',
      }
      listeners.push(listen(body, { port }))
    }
    for (const listener of listeners) listener.resume()
    await all.promise
    expect(calls).toBe(CALLS)
    const digests = await Promise.all(listeners.map(({ digest }) => digest))
    expect(new Set(digests).size).toBe(1)
  } finally {
    clearTimeout(patience)
    for (const listener of listeners) listener.leave()
    sotto.kill()
    await sotto.exited
    rmSync(folder, { recursive: true })
  }
}, 60_000)

async function answers(url: string): Promise<void> {
  for (let tries = 0; !(await fetch(url).catch(() => undefined))?.ok; tries++) {
    if (tries === 200) throw new Error(`Nothing answers at ${url}`)
    await Bun.sleep(25)
  }
}
