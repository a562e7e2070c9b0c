import assert from 'node:assert/strict'
import type { Samples } from '../../src/speech.ts'
import { Caller, type CallerOptions, type Heard } from './caller.ts'
import {
  type Behaviour,
  type CosyvoiceServer,
  type CosyvoiceServerOptions,
  type FakeCall,
  startCosyvoiceServer,
} from './cosyvoice-server.ts'
import { patternOf, patternPieces } from './pattern-voice.ts'
import { type Sotto, startSotto } from './sotto.ts'

const RATE = 24_000
const PAUSE_MS = 10
const PAUSE = (RATE * PAUSE_MS) / 1000
/** Clauses rise from zero and fall to it over 5 ms, so that they join without a click. */
const FADE = (RATE * 5) / 1000

const COSYVOICE_HTTP = {
  kind: 'cosyvoice-http',
  model: 'other',
  sampleRate: RATE,
  onAbandon: 'abort',
  voices: [{ id: 'anna', mode: 'sft' }],
}

/** Bytes of audio a second. */
export const BYTES_PER_SECOND = 2 * RATE

/** A host that says its texts in a pattern that tells them apart. */
export const startPatternHost = (options: CosyvoiceServerOptions = {}): Promise<CosyvoiceServer> =>
  startCosyvoiceServer({ model: 'cosyvoice2', voices: ['anna'], speak: patternPieces, ...options })

/** The flags of such a host in a process of its own. */
export const PATTERN_FLAGS = ['--model', 'cosyvoice2', '--voice', 'anna', '--pattern']

export interface PatternSottoOptions {
  /** Where the hosts listen. */
  readonly urls: readonly string[]
  /** Settings that all hosts of their kind have. @default those of cosyvoice-http */
  readonly kind?: object
  /** Settings of each host. */
  readonly host?: object
  /** Further hosts, as in the config. */
  readonly others?: readonly object[]
  readonly audio?: object
  /** Other settings. */
  readonly config?: object
  /** Gives the addresses of hosts' names. */
  readonly lookup?: (name: string) => Promise<readonly string[]>
}

export interface PatternSotto extends Sotto {
  /** Asks for sentences, each of which is a clause. */
  call(sentences: readonly string[], options?: Partial<Omit<CallerOptions, 'port'>>): Caller
}

/** A sotto as `sotto serve` starts it, before hosts that speak in patterns, which leaves their sound alone but for the edges of clauses. */
export async function startPatternSotto(options: PatternSottoOptions): Promise<PatternSotto> {
  const { urls, kind = COSYVOICE_HTTP, host = {}, others = [], audio = {}, config = {}, lookup } = options
  const hosts = urls.map((url, i) => ({ id: `gpu-${i + 1}`, url, ...kind, ...host }))
  const pauses = { clause: PAUSE_MS, sentence: PAUSE_MS, paragraph: PAUSE_MS }
  const clauses = { firstChars: 200, pauses }
  const settings = { hosts: [...hosts, ...others], clauses, audio: { trim: false, ...audio }, ...config }
  const sotto = await startSotto(settings, undefined, { watch: true, ...(lookup && { lookup }) })
  const call: PatternSotto['call'] = (sentences, { body, ...rest } = {}) => {
    const asked = { model: 'tts-1', voice: 'anna', response_format: 'pcm', input: sentences.join(' ') }
    return new Caller({ port: sotto.port, body: { ...asked, ...body }, ...rest })
  }
  return { ...sotto, call }
}

/** A breaker that never opens: the fault is to be met again and again. */
export const PATIENT = { failures: 1_000, minCalls: 100_000 }

export interface AtFirstOptions {
  /** How often a text has to be asked for before it is answered as it should be. @default 1 */
  readonly times?: number
  /** Others are answered well at once. @default all */
  readonly texts?: RegExp
}

/** Has a host misbehave the first time that a text is asked of it. */
export function atFirst<Fault extends object = Behaviour>(
  behaviour: Fault,
  { times = 1, texts = /^/ }: AtFirstOptions = {},
) {
  const asked = new Map<string, number>()
  return ({ text }: Pick<FakeCall, 'text'>): Partial<Fault> => {
    const before = asked.get(text) ?? 0
    asked.set(text, before + 1)
    return texts.test(text) && before < times ? behaviour : {}
  }
}

/** How often a host was asked for a text. */
export const timesAsked = ({ calls }: CosyvoiceServer, sentence: string | undefined): number =>
  calls.filter(({ text }) => text === sentence).length

/** So many sentences that nobody else says. */
export const sentencesOf = (who: string | number, count = 3): string[] =>
  Array.from({ length: count }, (_, i) => `Caller ${who} would like to hear part ${i + 1} now.`)

interface Told {
  /** How long each of them takes. @default by its length */
  readonly seconds?: number
}

/** Fails unless all of the sentences were heard, as they are, once and in order. */
export function assertWhole(heard: Heard, sentences: readonly string[], told: Told = {}): void {
  assert.equal(heard.status, 200, wordsOf(heard))
  const whole = 2 * assertPart(heard, sentences, told)
  assert.ok(heard.ended, `the reply was cut at byte ${heard.body.length} of ${whole}`)
  assert.equal(heard.body.length, whole, 'the reply ended well and audio is missing')
}

/** Fails unless the reply is whole, or what was heard was right and the rest is an honest error; tells which. */
export function assertHonest(heard: Heard, sentences: readonly string[]): 'whole' | 'cut' | 'refused' {
  if (heard.status === 200 && heard.ended) {
    assertWhole(heard, sentences)
    return 'whole'
  }
  if (heard.status === 200) {
    assertPart(heard, sentences)
    return 'cut'
  }
  assert.ok([429, 502, 503, 504].includes(heard.status), wordsOf(heard))
  assert.ok(heard.ended && JSON.parse(wordsOf(heard)).error.message, 'an error says what is wrong')
  return 'refused'
}

/** Fails unless what was heard is how the sentences begin; gives how many samples they have. */
function assertPart({ body }: Heard, sentences: readonly string[], { seconds }: Told = {}): number {
  const heard = new Int16Array(body.buffer, 0, Math.floor(body.length / 2))
  let from = 0
  for (const text of sentences) {
    const said = patternOf(text, { rate: RATE, seconds })
    const part = heard.subarray(from, from + said.length)
    const differs = part.findIndex((sample, i) => !isHeard(sample, { said, i }))
    assert.ok(differs < 0, `sample ${differs} of ${JSON.stringify(text)} is another's`)
    from += said.length
    const pause = heard.subarray(from, from + PAUSE)
    assert.ok(text === sentences.at(-1) ? pause.length === 0 : !pause.some(Boolean), 'pauses are silent')
    from += PAUSE
  }
  return from - PAUSE
}

/** Whether a sample is as it was said; at the edges it may be fainter. */
function isHeard(heard: number, { said, i }: { readonly said: Samples; readonly i: number }): boolean {
  const sample = said[i]!
  if (i >= FADE && i < said.length - FADE) return heard === sample
  return Math.abs(heard) <= Math.abs(sample) && heard * sample >= 0
}

const wordsOf = ({ body }: Heard): string => new TextDecoder().decode(body.subarray(0, 2_000))

/** What is still held or waited for. */
export async function heldBy({ url, services }: Sotto) {
  const text = await (await fetch(`${url}/metrics`)).text()
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^sotto_${name}(?:\\{.*\\})? (.*)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    )
  const { used, ease } = services.budget
  return {
    slots: sum('slots_taken'),
    waiting: sum('queue_waiting'),
    requests: sum('concurrent_requests'),
    used,
    promised: 1 - ease,
  }
}

/** A host of any kind that keeps what it was asked. */
interface Called {
  readonly calls: readonly unknown[]
}

/** Fails unless all is given back soon after the last caller, and no host is asked for anything after that. */
export async function assertAtRest(sotto: Sotto, hosts: readonly Called[] = []): Promise<void> {
  const nothing = { slots: 0, waiting: 0, requests: 0, used: 0, promised: 0 }
  let held = await heldBy(sotto)
  for (const end = performance.now() + 2_000; performance.now() < end; held = await heldBy(sotto)) {
    if (JSON.stringify(held) === JSON.stringify(nothing)) break
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.deepEqual(held, nothing)
  const before = hosts.map(({ calls }) => calls.length)
  await new Promise((resolve) => setTimeout(resolve, 60))
  assert.deepEqual(
    hosts.map(({ calls }) => calls.length),
    before,
    'no host is called for nobody',
  )
}
