import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Caller } from '../fakes/caller.ts'
import { PATTERN_KINDS, type PatternHost } from '../fakes/pattern-hosts.ts'
import {
  assertAtRest,
  assertHonest,
  assertWhole,
  BYTES_PER_SECOND,
  type PatternSotto,
  sentencesOf,
  startPatternSotto,
} from '../fakes/pattern-sotto.ts'

/** More than a text takes at least, and less than each of these does: nothing but the cut tells that some is missing. */
const ENOUGH = BYTES_PER_SECOND

interface Told {
  readonly text: readonly string[]
  readonly caller: Caller
}

/** Several who ask at once. */
const crowd = (sotto: PatternSotto, who: string, { size, sentences }: { size: number; sentences: number }) =>
  Array.from({ length: size }, (_, i): Told => {
    const text = sentencesOf(`${who} ${i}`, sentences)
    return { text, caller: sotto.call(text) }
  })

const isAt = ({ texts }: PatternHost, { text }: Told): boolean => texts.includes(text[0]!)

for (const [name, kind] of Object.entries(PATTERN_KINDS)) {
  const whom = kind.isStreamed ? 'nobody but who was hearing it' : 'nobody'
  test(`${name}: that one of two hosts is killed while it speaks is noticed by ${whom}`, {
    timeout: 20_000,
  }, async () => {
    await using killed = await kind.startProcess({ firstByteMs: 300, rtf: kind.isStreamed ? 0.4 : 0 })
    await using well = await kind.start({ firstByteMs: 40, rtf: 0.05 })
    const audio = { lookaheadClauses: 1 } // the next clause of who is given a whole one is still to come
    await using sotto = await startPatternSotto({ urls: [killed.url, well.url], kind: kind.settings, audio })
    await sotto.services.router.settled

    const hearing = crowd(sotto, 'hearing', { size: 2, sentences: 3 })
    for (const { caller } of hearing) await caller.until(ENOUGH)
    const hearingKilled = hearing.filter((told) => !isAt(well, told))
    const waiting = crowd(sotto, 'waiting', { size: 4, sentences: 1 })
    await new Promise((resolve) => setTimeout(resolve, 50)) // some of them are at the host, without audio yet
    await killed.kill()
    const later = crowd(sotto, 'later', { size: 4, sentences: 2 })

    assert.equal(hearingKilled.length, 1)
    for (const told of hearing) {
      const end = assertHonest(await told.caller.heard, told.text)
      assert.equal(end, kind.isStreamed && hearingKilled.includes(told) ? 'cut' : 'whole')
    }
    for (const { text, caller } of [...waiting, ...later]) assertWhole(await caller.heard, text)
    await assertAtRest(sotto, [well])
  })
}
