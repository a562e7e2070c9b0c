import { afterEach, beforeEach, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSoundFile, soundPipe } from '../../src/cli/sound-file.ts'
import { wavHeader } from '../../src/pcm/formats/wav.ts'
import { shellOf } from '../fakes/shell.ts'

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sotto-sound-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

const WAV = { format: 'wav', rate: 8000 } as const

test('openSoundFile() puts the true sizes into a finished WAV', async () => {
  const sound = await openSoundFile('a.wav', { ...WAV, cwd })
  await sound.write(wavHeader({ rate: 8000 }))
  await sound.write(new Uint8Array(300))
  expect(readdirSync(cwd)).toEqual([`a.wav.${process.pid}.part`])
  await sound.finish(150)
  expect(readFileSync(join(cwd, 'a.wav'))).toEqual(
    Buffer.concat([wavHeader({ rate: 8000, samples: 150 }), new Uint8Array(300)]),
  )
})

test('openSoundFile() names the file that has no room', async () => {
  await using sound = await openSoundFile('/dev/full', { ...WAV, cwd })
  await expect(sound.write(new Uint8Array(300))).rejects.toThrow('Cannot write /dev/full: ENOSPC')
})

test('openSoundFile() leaves a file the mode that it had', async () => {
  writeFileSync(join(cwd, 'a.wav'), 'old', { mode: 0o600 })
  const sound = await openSoundFile('a.wav', { ...WAV, cwd })
  await sound.write(new Uint8Array(300))
  await sound.finish(150)
  expect(statSync(join(cwd, 'a.wav')).mode & 0o777).toBe(0o600)
})

test('openSoundFile() puts the length into a finished FLAC, and into no head that is cut', async () => {
  const head = Uint8Array.from({ length: 30 }, (_, i) => (i < 22 ? i : 0))
  for (const length of [30, 26, 25]) {
    const sound = await openSoundFile('a.flac', { format: 'flac', rate: 8000, cwd })
    await sound.write(head.subarray(0, length))
    await sound.finish(0x102)
    const whole = [...head.subarray(0, 24), 1, 2, ...head.subarray(26, length)]
    expect([...readFileSync(join(cwd, 'a.flac'))]).toEqual(length < 26 ? [...head.subarray(0, 25)] : whole)
  }
})

test('openSoundFile() leaves nothing behind when it is disposed unfinished, and all when finished', async () => {
  {
    await using cut = await openSoundFile('a.wav', { ...WAV, cwd })
    await cut.write(new Uint8Array(10))
  }
  expect(readdirSync(cwd)).toEqual([])
  {
    await using whole = await openSoundFile('b.pcm', { format: 'pcm', rate: 8000, cwd })
    await whole.write(new Uint8Array([1, 2]))
    await whole.finish(0)
  }
  expect([...readFileSync(join(cwd, 'b.pcm'))]).toEqual([1, 2])
})

test('openSoundFile() writes through a link and keeps it', async () => {
  writeFileSync(join(cwd, 'real.pcm'), 'old')
  symlinkSync('real.pcm', join(cwd, 'link.pcm'))
  const sound = await openSoundFile('link.pcm', { format: 'pcm', rate: 8000, cwd })
  await sound.write(new Uint8Array([7]))
  await sound.finish(0)
  expect([...readFileSync(join(cwd, 'real.pcm'))]).toEqual([7])
  expect(readdirSync(cwd).sort()).toEqual(['link.pcm', 'real.pcm'])
})

test('openSoundFile() streams into a named pipe, whose sizes stay those of a stream', async () => {
  const pipe = join(cwd, 'pipe.wav')
  execFileSync('mkfifo', [pipe])
  const read = readFile(pipe)
  const sound = await openSoundFile('pipe.wav', { ...WAV, cwd })
  await sound.write(wavHeader({ rate: 8000 }))
  await sound.finish(0)
  expect(new Uint8Array(await read)).toEqual(wavHeader({ rate: 8000 }))
  expect(readdirSync(cwd)).toEqual(['pipe.wav'])
})

test('soundPipe() refuses a terminal', () => {
  const { stdout } = shellOf()
  expect(() => soundPipe({ ...stdout, isTTY: true })).toThrow('Audio is not for a terminal')
})

test('openSoundFile() leaves nothing behind when its name was taken by a folder meanwhile', async () => {
  const sound = await openSoundFile('a.wav', { ...WAV, cwd })
  await sound.write(wavHeader({ rate: 8000 }))
  mkdirSync(join(cwd, 'a.wav'))
  await expect(sound.finish(0)).rejects.toThrow()
  await sound[Symbol.asyncDispose]()
  expect(readdirSync(cwd)).toEqual(['a.wav'])
})

test('soundPipe() and a device take what is written, and end without more', async () => {
  const shell = shellOf({})
  {
    await using pipe = soundPipe({ ...shell.stdout, isTTY: false })
    await pipe.write(new Uint8Array([65]))
    await pipe.finish(0)
    await using device = await openSoundFile('/dev/null', { ...WAV, cwd })
    await device.write(new Uint8Array([65]))
  }
  expect(shell.out()).toBe('A')
  expect(readdirSync(cwd)).toEqual([])
})
