import { SpeechError } from '../../errors.ts'
import { joinBytes } from '../../pcm/join-bytes.ts'
import type { Bytes, Samples, Stage } from '../../speech.ts'

/**
 * Reads signed 16-bit little-endian samples from chunks cut anywhere. `end()` throws a retryable `upstream` error
 * when half a sample is left over.
 */
export function s16le(): Stage<Bytes, Samples> {
  let half: Bytes | undefined
  return {
    push(chunk) {
      const bytes = half ? joinBytes([half, chunk]) : chunk
      const whole = bytes.length & ~1
      half = whole < bytes.length ? bytes.slice(whole) : undefined
      return samplesOf(bytes.subarray(0, whole))
    },
    end() {
      if (!half) return new Int16Array(0)
      throw new SpeechError('Host sent half a sample: its audio is cut or not 16-bit', {
        code: 'upstream',
        source: 'host',
        retryable: true,
      })
    },
  }
}

// A view where its place in memory allows one; every machine that Bun and Deno run on is little-endian.
function samplesOf(bytes: Bytes): Samples {
  const even = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice()
  return new Int16Array(even.buffer, even.byteOffset, even.length / 2)
}
