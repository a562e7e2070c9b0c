import { describe, expect, test } from 'bun:test'
import { concealing, secretsIn } from '../../../src/hosts/remote/conceal.ts'

describe('concealing()', () => {
  test('takes every secret out, wherever it stands, but for what is too short to be one', () => {
    expect(concealing(['my-key', 'abc', ''])('my-key and abc, my-key')).toBe('… and abc, …')
  })

  test('takes out what a host has cut of one, too', () => {
    const hide = concealing(['The patient is called Margaret.', '病人的名字是王小明和李小红。'])
    expect(hide('cannot say: "The patient is called Marga" (…)')).toBe('cannot say: "…" (…)')
    expect(hide('failed at 名字是王小明和李')).toBe('failed at …')
    expect(hide('no voice named anna')).toBe('no voice named anna')
  })
})

describe('secretsIn()', () => {
  test('gives the values of headers, and what stands behind their scheme', () => {
    const headers = { Authorization: 'Bearer my-key', 'X-Team': 'seven' }
    expect(secretsIn(headers).sort()).toEqual(['Bearer my-key', 'my-key', 'seven'])
  })
})
