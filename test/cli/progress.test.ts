import { expect, test } from 'bun:test'
import { PassThrough } from 'node:stream'
import { factor, progress } from '../../src/cli/progress.ts'
import { shellOf } from '../fakes/shell.ts'

/** A terminal that keeps what is drawn. */
function terminalOf() {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
  for (const name of ['cursorTo', 'clearLine', 'moveCursor'] as const)
    Object.assign(stream, { [name]: () => true })
  let drawn = ''
  stream.on('data', (data) => {
    drawn += data
  })
  const terminal = stream as unknown as NodeJS.WriteStream
  return { output: { ...shellOf().stderr, isTTY: true, terminal }, drawn: () => drawn }
}

test('progress() draws a bar with audio seconds and real-time factor', async () => {
  const { output, drawn } = terminalOf()
  {
    using bar = progress(output, 10)
    await Bun.sleep(120) // it draws ten times a second at most
    bar.update(2.5, 0.5)
  }
  expect(drawn()).toContain('█')
  expect(drawn()).toContain('2.5 s of speech, real-time factor 0.200')
})

test('progress() draws no bar when nobody knows how long the text will be', async () => {
  const { output, drawn } = terminalOf()
  {
    using bar = progress(output)
    await Bun.sleep(120)
    bar.update(2.5, 0.5)
  }
  expect(drawn()).not.toContain('█')
  expect(drawn()).toContain('2.5 s of speech')
})

test('progress() is silent where nobody watches', () => {
  const shell = shellOf()
  {
    using bar = progress(shell.stderr, 10)
    bar.update(1, 1)
  }
  expect(shell.err()).toBe('')
})

test('factor() is the time to make audio over the time to hear it', () => {
  expect(factor(10, 1)).toBe('0.100')
  expect(factor(0, 1)).toBe('–')
})
