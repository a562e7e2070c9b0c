import { turn } from '../run/turn.ts'
import type { Bytes, Supply, Waiter } from '../speech.ts'

/** Bytes on their way to one listener; each piece is lent until the next is asked for. */
export interface PumpSource extends Supply<Bytes> {
  /** Told once all has been taken of it. */
  ended?(): void
  /** Told when the listener leaves; must not wait. */
  left?(reason: unknown): void
  /** Is given what to call when it fails though nobody takes of it, since its listener has no room. */
  onBreak?(breakOff: (reason: unknown) => void): void
}

/** The listener's end of a pump. */
export interface Outlet {
  /** Whether it takes more now; if not, it has the pump go on once it does. */
  readonly hasRoom: boolean
  /** Sends bytes, or keeps a copy of them. */
  write(bytes: Bytes): void
  /** No more comes. */
  end(): void
  /** Breaks off where the source has failed, once what came before is out. */
  fail(reason: unknown): void
}

export interface PumpOptions {
  /** Most bytes that wait for the listener. */
  readonly capacity: number
}

/**
 * The largest slice as a share of the capacity: the flow's chunks of 100 ms pass a ring of 160 ms whole. Slices of
 * whatever room is left would give a slow listener crumbs.
 */
const SLICE = 5 / 8

/**
 * What goes out between two turns of the event loop, as a share of the capacity: with a ring of 160 ms, 320 ms of audio,
 * for which the slowest encoder takes 3 to 8 ms (`npm run bench -- encoders`). What is written in one turn Bun sends in
 * one piece.
 */
const TURN = 2

/** Gives the bytes of the largest slice; throws a `RangeError` for a capacity that is no positive integer. */
export function sliceOf(capacity: number): number {
  if (Number.isInteger(capacity) && capacity >= 1) return Math.ceil(capacity * SLICE)
  throw new RangeError(
    `Cannot create ring: capacity must be a positive integer, current value is ${capacity}`,
  )
}

/** Takes of a source while its outlet has room, in slices, and lets others have their turn. */
export class Pump implements Waiter {
  readonly #source: PumpSource
  readonly #outlet: Outlet
  readonly #capacity: number
  readonly #most: number
  /** Whether it is giving, or will be woken. */
  #isBusy = false
  #isDone = false
  #rest: Bytes | undefined
  /** The first slice is sent before the next is made. */
  #untilTurn = 0

  constructor(source: PumpSource, outlet: Outlet, { capacity }: PumpOptions) {
    this.#most = sliceOf(capacity)
    this.#source = source
    this.#outlet = outlet
    this.#capacity = capacity
    source.onBreak?.((reason) => this.#fail(reason))
  }

  /** The outlet may have room. */
  go(): void {
    if (!this.#isBusy) this.wake()
  }

  /** There may be more. */
  wake(): void {
    this.#isBusy = true
    if (this.#give()) this.#isBusy = false
  }

  /** The listener has gone. */
  left(reason: unknown): void {
    this.#isDone = true
    this.#source.left?.(reason)
  }

  /** Gives what there is while there is room for it; whether that was all, or else it will be woken to go on. */
  #give(): boolean {
    try {
      while (!this.#isDone && this.#outlet.hasRoom) {
        if (this.#untilTurn < 0) {
          this.#untilTurn = TURN * this.#capacity
          turn().then(() => this.wake()) // or nothing of what is there already would be sent until all of it is encoded
          return false
        }
        const bytes = this.#rest ?? this.#source.take()
        if (bytes) this.#write(bytes)
        else if (!this.#source.isOver) {
          this.#source.wait(this)
          return false
        }
        if (!this.#rest && this.#source.isOver) {
          this.#isDone = true
          this.#outlet.end() // at once, so that the end goes out with what comes last
          this.#source.ended?.()
        }
      }
    } catch (reason) {
      this.#fail(reason)
    }
    return true
  }

  /** Has the listener's end fail as the source has, room or not. */
  #fail(reason: unknown): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#outlet.fail(reason)
  }

  #write(bytes: Bytes): void {
    const isWhole = bytes.length <= this.#most
    const slice = isWhole ? bytes : bytes.subarray(0, this.#most)
    this.#rest = isWhole ? undefined : bytes.subarray(this.#most)
    this.#untilTurn -= slice.length
    this.#outlet.write(slice)
  }
}
