import { describe, expect, test } from 'bun:test'
import { lazyHost } from '../../../src/hosts/remote/lazy-host.ts'
import { nextOf } from '../../../src/pcm/supply.ts'
import { clauseOf } from '../../fakes/clause.ts'
import { hostOf } from '../../fakes/host.ts'

const CONFIG = {
  id: 'gpu',
  kind: 'cosyvoice-grpc',
  slots: 3,
  fallback: false,
  voices: [{ id: 'v' }, { id: 'w', languages: ['de'] }],
  languages: ['en'],
}
const live = () => new AbortController().signal

describe('lazyHost()', () => {
  test('tells at once what the config does, and speaks once it is loaded', async () => {
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof hostOf>>()
    const host = lazyHost(CONFIG, () => promise)
    expect(host).toMatchObject({ id: 'gpu', kind: 'cosyvoice-grpc', slots: 3, fallback: false })
    expect(host.voices).toEqual([
      { id: 'v', languages: ['en'] },
      { id: 'w', languages: ['de'] },
    ])
    expect([host.has('w'), host.has('x')]).toEqual([true, false])
    const call = host.synthesize(clauseOf('Hello.'), { signal: live() })
    expect(host.obeys!('v')).toBe(true)
    resolve({ ...hostOf('loaded'), obeys: (voice) => voice === 'w' })
    await host.ready
    expect([host.obeys!('v'), host.obeys!('w')]).toEqual([false, true])
    expect((await nextOf(await call))!.length).toBeGreaterThan(0)
  })

  test('disposes of what was loaded', async () => {
    let disposed = 0
    const inner = { ...hostOf('loaded'), [Symbol.asyncDispose]: async () => void disposed++ }
    await lazyHost(CONFIG, async () => inner)[Symbol.asyncDispose]()
    expect(disposed).toBe(1)
  })

  test('cannot speak when it could not be loaded, and says why', async () => {
    const host = lazyHost(CONFIG, () => Promise.reject(new Error('no such module')))
    await expect(host.ready).rejects.toThrow('no such module')
    await expect(host.synthesize(clauseOf('Hello.'), { signal: live() })).rejects.toThrow('no such module')
    await host[Symbol.asyncDispose]()
  })
})
