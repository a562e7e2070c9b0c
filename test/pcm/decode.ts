import { spawnSync } from 'node:child_process'
import type { Bytes, Format, Samples } from '../../src/speech.ts'

const RAW: Partial<Record<Format, string>> = { pcm: 's16le', mulaw: 'mulaw', alaw: 'alaw' }

/** Runs a program on bytes; throws with what it said when it fails. */
export function run(program: string, args: readonly string[], input: Uint8Array): Bytes {
  const { status, stdout, stderr } = spawnSync(program, args, { input, maxBuffer: 1e9 })
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`)
  return new Uint8Array(stdout)
}

const inputOf = (format: Format, rate: number) => {
  const raw = RAW[format]
  return raw ? ['-f', raw, '-ar', `${rate}`, '-ac', '1', '-i', '-'] : ['-i', '-']
}

/** What ffmpeg hears, at the stream's own rate. */
export const ffmpeg = (bytes: Bytes, { format, rate }: { format: Format; rate: number }): Samples =>
  new Int16Array(run('ffmpeg', ['-v', 'error', ...inputOf(format, rate), '-f', 's16le', '-'], bytes).buffer)

/** What ffprobe says of a stream with a header. */
export function ffprobe(bytes: Bytes): { rate: number; channels: number; codec: string } {
  const args = ['-v', 'error', '-of', 'json', '-show_streams', '-']
  const [stream] = JSON.parse(new TextDecoder().decode(run('ffprobe', args, bytes))).streams
  return { rate: Number(stream.sample_rate), channels: stream.channels, codec: stream.codec_name }
}

/** What sox hears; `type` is its name for the format. */
export function sox(bytes: Bytes, type: string): Samples {
  const raw = type === 'ul' || type === 'al' ? ['-r', '8000', '-c', '1'] : []
  return new Int16Array(run('sox', ['-V1', ...raw, '-t', type, '-', '-t', 's16', '-'], bytes).buffer)
}
