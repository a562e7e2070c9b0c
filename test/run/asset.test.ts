import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { asset } from '../../src/run/asset.ts'

describe('asset()', () => {
  test('finds a file of a package', () => {
    const path = asset('@evan/opus/wasm/simd.wasm')
    expect(isAbsolute(path)).toBe(true)
    expect(readFileSync(path).subarray(0, 4)).toEqual(Buffer.from('\0asm'))
  })

  test('finds a file of src', () => {
    expect(readFileSync(asset('speech.ts'), 'utf8')).toContain('export interface Pcm')
  })

  test('names the file that this build lacks', () => {
    expect(() => asset('web/nowhere.html')).toThrow('Cannot find web/nowhere.html')
  })
})
