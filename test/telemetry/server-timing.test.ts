import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { serverTiming } from '../../src/telemetry/server-timing.ts'

/** Reads a header as RFC 9110 has it: tokens, quoted strings, and nothing that is neither. */
function parse(header: string) {
  const entry =
    /([!#$%&'*+.^_`|~\w-]+)(?:;dur=(\d+\.\d))?(?:;desc="((?:[ !#-[\]-~]|\\[\x20-\x7e])*)")?(?:, |$)/y
  const entries = []
  for (let at = 0; at < header.length; at = entry.lastIndex) {
    entry.lastIndex = at
    const [whole, name, dur, desc] = entry.exec(header) ?? []
    if (!whole) throw new Error(`Not an entry at ${at}: ${header}`)
    entries.push({ name, dur, desc: desc?.replaceAll(/\\(.)/g, '$1') })
  }
  return entries
}

describe('serverTiming()', () => {
  test('writes names, tenths of milliseconds and descriptions', () => {
    const entries = [
      { name: 'queue', ms: 1.2345 },
      { name: 'host', ms: 210.4, description: 'gpu-1' },
      { name: 'joined' },
      { name: 'total', ms: 213 },
    ]
    expect(serverTiming(entries)).toBe('queue;dur=1.2, host;dur=210.4;desc="gpu-1", joined, total;dur=213.0')
  })

  test('carries any text through a header', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom('"', '\\', '%', ',', ';', '\n', '\r', '\0', '中', '\ud83d', 'é', ' '),
      }),
    )
    fc.assert(
      fc.property(text, fc.double({ min: 0, max: 1e6, noNaN: true }), (description, ms) => {
        const value = serverTiming([
          { name: 'host', ms, description },
          { name: 'total', ms },
        ])
        const header = new Headers({ 'server-timing': value }).get('server-timing')!
        const [host, total, ...rest] = parse(header)
        expect(decodeURIComponent(host!.desc!)).toBe(description.toWellFormed())
        expect(host!.dur).toBe(ms.toFixed(1))
        expect([total!.name, rest]).toEqual(['total', []])
      }),
    )
  })

  test('never writes less than nothing', () => {
    expect(serverTiming([{ name: 'queue', ms: -3 }])).toBe('queue;dur=0.0')
  })
})
