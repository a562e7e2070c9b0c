import { expect, test } from 'bun:test'
import { boundary } from '../../../src/clauses/sentences/boundary.ts'
import type { Verdict } from '../../../src/clauses/sentences/verdict.ts'

/** Asks about the mark at `|`, with the text behind it as all that is known yet. */
function ask(marked: string, { open = '', final = false, isStale = false } = {}): Verdict {
  const at = marked.indexOf('|')
  return boundary({
    text: marked.replace('|', ''),
    at,
    lead: marked.slice(0, at).slice(0, 48),
    open,
    isStale,
    final,
  })
}

test('boundary() waits for the character that decides', () => {
  expect(ask('It rained|.')).toEqual({ kind: 'more' })
  expect(ask('It rained|. ')).toEqual({ kind: 'more' })
  expect(ask('It rained|. T')).toEqual({ kind: 'end', to: 10 })
  expect(ask('It rained|.t')).toEqual({ kind: 'inside', to: 10 })
})

test('boundary() takes the end of the text for a sentence end', () => {
  expect(ask('It rained|.', { final: true })).toEqual({ kind: 'end', to: 10 })
  expect(ask('Dr|.', { final: true })).toEqual({ kind: 'end', to: 3 })
})

test('boundary() waits for the next word only where that word decides', () => {
  expect(ask('They met at Smith & Co|. T')).toEqual({ kind: 'more' })
  expect(ask('They met at Smith & Co|. They ')).toEqual({ kind: 'end', to: 23 })
  expect(ask('They met at Smith & Co|. Tower ')).toEqual({ kind: 'inside', to: 23 })
})

test('boundary() takes closers and closing tags with the mark', () => {
  expect(ask('“Go|!” Tom', { open: '”' })).toEqual({ kind: 'end', to: 5 })
  expect(ask('<strong>Go|!</strong> Tom')).toEqual({ kind: 'end', to: 20 })
  expect(ask('<strong>Go|!</str')).toEqual({ kind: 'more' })
  expect(ask('« Va |! » Tom', { open: '»' })).toEqual({ kind: 'end', to: 8 })
})

test('boundary() takes an end within brackets and quotations for a pause, unless they have gone on for too long', () => {
  expect(ask('(He left|. She', { open: ')' })).toEqual({ kind: 'pause', to: 9 })
  expect(ask('(He left|. she', { open: ')' })).toEqual({ kind: 'inside', to: 9 })
  expect(ask('(He left|. She', { open: ')', isStale: true })).toEqual({ kind: 'end', to: 9 })
})

test('boundary() leaves a newline to tell what kind of end it is', () => {
  expect(ask('It rained|.\n')).toEqual({ kind: 'inside', to: 10 })
})

test('boundary() looks at a bounded stretch of text', () => {
  expect(ask(`a|${'.'.repeat(1000)}`)).toEqual({ kind: 'inside', to: 33 })
  expect(ask(`a|.${')'.repeat(1000)}`, { open: ')' })).toEqual({ kind: 'inside', to: 34 })
  expect(ask(`${'a'.repeat(1000)}|. B`)).toEqual({ kind: 'end', to: 1001 })
  expect(ask(`Smith & Co|. ${'A'.repeat(1000)}`)).toEqual({ kind: 'inside', to: 11 })
})
