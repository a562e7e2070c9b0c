import { describe, expect, test } from 'bun:test'
import { Company, type Party } from '../../src/dispatch/company.ts'

/** A party of three that has just come, while the host is at two calls. */
const party = (rest: Partial<Party> = {}): Party => ({
  kind: 'v',
  size: 3,
  since: 100,
  running: 2,
  now: 100,
  ...rest,
})
/** One whose clauses come every `gap` milliseconds, the last at 100. */
function companyOf({ gap = 2, max = 16, preferred = [4, 8] } = {}): Company {
  const company = new Company({ max, preferred, maxDelayMs: 30 })
  for (let at = 100 - 10 * gap; at <= 100; at += gap) company.arrived('v', at)
  return company
}

describe('Company', () => {
  test('is waited for while more is expected within the delay', () => {
    expect(companyOf().holdMs(party())).toBeGreaterThan(0)
    expect(companyOf({ gap: 29 }).holdMs(party())).toBeGreaterThan(0)
  })

  test('is not waited for by an idle host', () => {
    expect(companyOf().holdMs(party({ running: 0 }))).toBe(0)
  })

  test('is not waited for at a preferred size, nor by a full party', () => {
    expect(companyOf().holdMs(party({ size: 4 }))).toBe(0)
    expect(companyOf().holdMs(party({ size: 5 }))).toBeGreaterThan(0)
    expect(companyOf().holdMs(party({ size: 16 }))).toBe(0)
    expect(companyOf({ preferred: [] }).holdMs(party({ size: 8 }))).toBeGreaterThan(0)
  })

  test('is not waited for when clauses come too seldom, or of another kind', () => {
    expect(companyOf({ gap: 40 }).holdMs(party())).toBe(0)
    expect(companyOf().holdMs(party({ kind: 'w' }))).toBe(0)
    const one = new Company({ max: 16, preferred: [], maxDelayMs: 30 })
    one.arrived('v', 100)
    expect(one.holdMs(party({ size: 1 }))).toBe(0)
  })

  test('is given up when nobody has come for as long as is left', () => {
    const company = companyOf()
    expect(company.holdMs(party({ now: 114 }))).toBeGreaterThan(0)
    expect(company.holdMs(party({ now: 116 }))).toBe(0)
  })

  test('never makes anybody wait longer than the delay, whoever comes first in the meantime', () => {
    const company = companyOf()
    expect(company.holdMs(party())).toBeGreaterThan(0)
    for (let at = 102; at <= 128; at += 2) {
      company.arrived('v', at)
      expect(company.holdMs(party({ since: at, now: at }))).toBeGreaterThan(0)
    }
    company.arrived('v', 130)
    expect(company.holdMs(party({ since: 130, now: 130 }))).toBe(0)
    company.left()
    expect(company.holdMs(party({ since: 130, now: 130 }))).toBeGreaterThan(0)
  })

  test('is not waited for by those who have waited for a place as long', () => {
    expect(companyOf().holdMs(party({ since: 60 }))).toBe(0)
  })

  test('remembers the kinds that came last', () => {
    const company = companyOf()
    for (let i = 0; i < 300; i++) company.arrived(`${i}`, 100)
    expect(company.holdMs(party())).toBe(0)
    company.arrived('299', 101)
    expect(company.holdMs(party({ kind: '299' }))).toBeGreaterThan(0)
  })
})
