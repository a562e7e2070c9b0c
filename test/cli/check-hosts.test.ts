import { expect, test } from 'bun:test'
import { checkHosts, voicesToCheck } from '../../src/cli/check-hosts.ts'
import { estimate } from '../../src/dispatch/estimate.ts'
import { SpeechError } from '../../src/errors.ts'
import type { Synthesize } from '../../src/speech.ts'
import { FakeClock } from '../fakes/clock.ts'
import { hostOf } from '../fakes/host.ts'
import { pcmOf, square } from '../fakes/samples.ts'

const well: Synthesize = async (clause) => pcmOf([square(estimate(clause))])
const { signal } = new AbortController()

test('checkHosts() gives hosts and voices in their order, with the language that each spoke', async () => {
  const hosts = [
    hostOf('slow', {
      voices: ['中文女', 'ann'],
      synthesize: (...call) => Bun.sleep(2).then(() => well(...call)),
    }),
    hostOf('fast', { voices: ['日语男'], synthesize: well }),
  ]
  const checks = await checkHosts(hosts, { signal })
  expect(checks.map(({ host, voice, language, trouble }) => [host, voice, language, trouble])).toEqual([
    ['slow', '中文女', 'zh', undefined],
    ['slow', 'ann', 'en', undefined],
    ['fast', '日语男', 'ja', undefined],
  ])
})

test('checkHosts() asks hosts at the same time, and each for one voice at a time', async () => {
  let [running, most] = [0, 0]
  const together = Promise.withResolvers<void>()
  const synthesize: Synthesize = async (clause, options) => {
    most = Math.max(most, ++running)
    if (running === 2) together.resolve()
    await together.promise
    await Bun.sleep(1)
    running--
    return well(clause, options)
  }
  const voices = ['a', 'b', 'c']
  await checkHosts([hostOf('1', { voices, synthesize }), hostOf('2', { voices, synthesize })], { signal })
  expect(most).toBe(2)
})

test('checkHosts() goes on after a voice that fails, and gives the reason with its cause', async () => {
  const synthesize: Synthesize = async (clause, options) => {
    if (clause.voice === 'bad') throw new Error('Host broke off', { cause: new Error('socket closed') })
    if (clause.voice === 'worse') throw 'nothing'
    return well(clause, options)
  }
  const checks = await checkHosts([hostOf('gpu', { voices: ['bad', 'worse', 'good'], synthesize })], {
    signal,
  })
  expect(checks.map(({ trouble }) => trouble)).toEqual([
    'Host broke off: socket closed',
    'nothing',
    undefined,
  ])
  expect(checks[0]).toEqual({
    host: 'gpu',
    voice: 'bad',
    language: 'en',
    trouble: 'Host broke off: socket closed',
  })
})

test('checkHosts() gives up a host that takes no calls, and no other', async () => {
  const asked: string[] = []
  const synthesize: Synthesize = async ({ voice }) => {
    asked.push(voice)
    throw new SpeechError('Host cannot be reached', { code: 'unavailable', source: 'host' })
  }
  const hosts = [
    hostOf('gone', { voices: ['a', 'b', 'c', 'd'], synthesize }),
    hostOf('here', { synthesize: well }),
  ]
  const checks = await checkHosts(hosts, { signal })
  expect(asked).toEqual(['a', 'b'])
  expect(checks.map(({ trouble }) => trouble)).toEqual([
    'Host cannot be reached',
    'Host cannot be reached',
    'was not tried, since the host takes no calls',
    'was not tried, since the host takes no calls',
    undefined,
  ])
})

test('checkHosts() asks nothing of a host that cannot speak, or never gets ready', async () => {
  const clock = new FakeClock()
  const failed = Promise.reject(new Error('its recording is no WAV'))
  failed.catch(() => {})
  const hosts = [
    hostOf('failed', { ready: failed, voices: ['a', 'b'] }),
    hostOf('never', { ready: new Promise(() => {}), voices: ['c'] }),
  ]
  const done = checkHosts(hosts, { signal, now: clock.now, setTimer: clock.setTimer })
  await clock.advance(60_000)
  expect((await done).map(({ trouble }) => trouble)).toEqual([
    'its recording is no WAV',
    'its recording is no WAV',
    'Host took too long: no end within 60000 ms',
  ])
})

test('checkHosts() holds each host to its own deadlines', async () => {
  const clock = new FakeClock()
  const hosts = ['quick', 'patient'].map((id) => hostOf(id, { synthesize: () => new Promise(() => {}) }))
  const timeouts = (id: string) => (id === 'quick' ? { firstAudioMs: 1, perCharMs: 1 } : {})
  const done = checkHosts(hosts, { signal, timeouts, now: clock.now, setTimer: clock.setTimer })
  await clock.advance(60_000)
  expect((await done).map(({ trouble }) => trouble)).toEqual([
    'Host "quick" took too long: no first audio within 69 ms',
    'Host "patient" took too long: no first audio within 23600 ms',
  ])
})

test('checkHosts() rejects when it is stopped', async () => {
  const stop = new AbortController()
  const asked: string[] = []
  const synthesize: Synthesize = ({ voice }) => {
    asked.push(voice)
    return new Promise(() => {})
  }
  const done = checkHosts([hostOf('gpu', { voices: ['a', 'b'], synthesize })], { signal: stop.signal })
  await Bun.sleep(1)
  stop.abort(new DOMException('SIGINT', 'AbortError'))
  expect(done).rejects.toThrow('SIGINT')
  expect(asked).toEqual(['a'])
})

test('voicesToCheck() takes two of the voices inside sotto unless all are asked for', () => {
  const inside = { ...hostOf('local', { voices: ['auto', 'cmn', 'de', 'en'] }), kind: 'embedded' }
  const ids = (voices: readonly { id: string }[]) => voices.map(({ id }) => id)
  expect(ids(voicesToCheck(inside))).toEqual(['cmn', 'en'])
  expect(ids(voicesToCheck(inside, true))).toEqual(['auto', 'cmn', 'de', 'en'])
  expect(ids(voicesToCheck({ ...inside, kind: 'openai' }))).toEqual(['auto', 'cmn', 'de', 'en'])
})
