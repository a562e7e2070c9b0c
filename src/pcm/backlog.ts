import type { Samples } from '../speech.ts'

/** Samples a block, 4.8 KB: as many as are taken at once, so that what waits is given in whole ones. */
const BLOCK = 2400
/** Blocks kept for the next one who needs one: 4 MB at most. */
const SPARE = 800
/** What is kept as it came keeps no more than so many bytes. */
const FRESH_BYTES = 16_384

/**
 * Blocks that are free again. What waits some seconds outlives the collector's young generation, and would lie about as
 * garbage, as large again as all that waits, until it looks through the old one.
 */
const spare: Samples[] = []

/** Samples that wait, first in, first out; copied into blocks of memory that are used again. */
export class Backlog {
  readonly #blocks: Samples[] = []
  /** Where reading goes on in the first block, and writing in the last. */
  #from = 0
  #to = BLOCK
  #size = 0
  /** What came while nothing waited: as it is, since it is most likely taken at once, unless it keeps much. */
  #fresh: Samples | undefined

  /** Samples that wait. */
  get size(): number {
    return this.#size
  }

  /** Adds samples, which nobody may change any more. */
  push(samples: Samples): void {
    if (this.#size === 0 && samples.buffer.byteLength <= FRESH_BYTES) this.#fresh = samples
    else {
      if (this.#fresh) this.#store(this.#fresh)
      this.#fresh = undefined
      this.#store(samples)
    }
    this.#size += samples.length
  }

  /** Lends what came first, at most `most` samples, until it is asked again; none when none wait. */
  take(most: number): Samples {
    const taken = this.#fresh ? this.#takeFresh(this.#fresh, most) : this.#takeStored(most)
    this.#size -= taken.length
    return taken
  }

  clear(): void {
    for (const block of this.#blocks.splice(0)) free(block)
    this.#fresh = undefined
    this.#size = 0
    this.#to = BLOCK
    this.#from = 0
  }

  #store(samples: Samples): void {
    for (let at = 0; at < samples.length; ) {
      if (this.#to === BLOCK) this.#grow()
      const part = samples.subarray(at, at + BLOCK - this.#to)
      this.#blocks.at(-1)!.set(part, this.#to)
      this.#to += part.length
      at += part.length
    }
  }

  #takeFresh(fresh: Samples, most: number): Samples {
    this.#fresh = fresh.length > most ? fresh.subarray(most) : undefined
    return this.#fresh ? fresh.subarray(0, most) : fresh
  }

  #takeStored(most: number): Samples {
    if (this.#from === BLOCK) this.#shift()
    const [head] = this.#blocks
    if (!head) return new Int16Array(0)
    const end = this.#blocks.length === 1 ? this.#to : BLOCK
    const taken = head.subarray(this.#from, Math.min(end, this.#from + most))
    this.#from += taken.length
    return taken
  }

  #grow(): void {
    this.#blocks.push(spare.pop() ?? new Int16Array(BLOCK))
    this.#to = 0
  }

  #shift(): void {
    free(this.#blocks.shift()!)
    this.#from = 0
    if (this.#blocks.length === 0) this.#to = BLOCK
  }
}

function free(block: Samples): void {
  if (spare.length < SPARE) spare.push(block)
}
