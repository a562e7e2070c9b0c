import { readFile } from 'node:fs/promises'
import { asset } from '../../run/asset.ts'
import type { Samples } from '../../speech.ts'
import { loadOnce } from './load-once.ts'

interface Exports {
  readonly memory: WebAssembly.Memory
  _initialize(): void
  malloc(size: number): number
  free(pointer: number): void
  opus_encoder_get_size(channels: number): number
  opus_encoder_init(encoder: number, rate: number, channels: number, application: number): number
  opus_encoder_ctl_set(encoder: number, request: number, value: number): number
  opus_encoder_ctl_get(encoder: number, request: number): number
  opus_encode(encoder: number, samples: number, count: number, packet: number, room: number): number
}

/** Numbers from opus_defines.h. */
const VOIP = 2048
const SET_BITRATE = 4002
const SET_COMPLEXITY = 4010
const SET_SIGNAL = 4024
const SIGNAL_VOICE = 3001
const GET_LOOKAHEAD = 4027

/** More than a packet of 20 ms ever takes, and more than its samples do. */
const PACKET_ROOM = 4000
const SAMPLE_ROOM = 4000

export interface OpusOptions {
  readonly rate: number
  /** Bits a second. */
  readonly bitrate: number
  /** 0 to 10; more sounds better and takes longer. */
  readonly complexity: number
}

/** Loads libopus once for the process. */
export const libopus = loadOnce(async (): Promise<Libopus> => {
  const nothing = Number // called without arguments it gives 0, which says that all went well
  const { instance } = await WebAssembly.instantiate(await readFile(asset('@evan/opus/wasm/simd.wasm')), {
    env: { emscripten_notify_memory_growth: nothing },
    wasi_snapshot_preview1: { fd_seek: nothing, fd_write: nothing, fd_close: nothing, proc_exit: nothing },
  })
  return new Libopus(instance.exports as unknown as Exports)
})

/** libopus in WebAssembly: many encoders, each with its own memory, that share the space for one call. */
export class Libopus {
  readonly #wasm: Exports
  readonly #samples: number
  readonly #packet: number

  constructor(wasm: Exports) {
    wasm._initialize()
    this.#wasm = wasm
    this.#samples = wasm.malloc(SAMPLE_ROOM)
    this.#packet = wasm.malloc(PACKET_ROOM)
  }

  /** Makes an encoder of mono speech; it must be given to `free`. */
  create({ rate, bitrate, complexity }: OpusOptions): number {
    const encoder = this.#wasm.malloc(this.#wasm.opus_encoder_get_size(1))
    if (encoder === 0) throw new Error('Cannot create Opus encoder: out of memory')
    check(this.#wasm.opus_encoder_init(encoder, rate, 1, VOIP))
    check(this.#wasm.opus_encoder_ctl_set(encoder, SET_BITRATE, bitrate))
    check(this.#wasm.opus_encoder_ctl_set(encoder, SET_COMPLEXITY, complexity))
    check(this.#wasm.opus_encoder_ctl_set(encoder, SET_SIGNAL, SIGNAL_VOICE))
    return encoder
  }

  /** By how many samples what is heard comes after what was given. */
  lookahead(encoder: number): number {
    return this.#wasm.opus_encoder_ctl_get(encoder, GET_LOOKAHEAD)
  }

  /** Gives the packet of one frame of samples; a view that holds until the next call. */
  encode(encoder: number, frame: Samples): Uint8Array {
    // Looked up each time: memory that has grown is another buffer.
    new Int16Array(this.#wasm.memory.buffer, this.#samples, frame.length).set(frame)
    const length = check(
      this.#wasm.opus_encode(encoder, this.#samples, frame.length, this.#packet, PACKET_ROOM),
    )
    return new Uint8Array(this.#wasm.memory.buffer, this.#packet, length)
  }

  free(encoder: number): void {
    this.#wasm.free(encoder)
  }
}

function check(code: number): number {
  if (code < 0) throw new Error(`Cannot encode Opus: libopus gave error ${code}`)
  return code
}
