import type { Bytes } from '../../speech.ts'
import { badReply } from '../remote/bad-reply.ts'

export interface SseEvent {
  /** `message` when the event has no name. */
  readonly name: string
  readonly data: string
}

/** No event takes more: it would be eight minutes of audio. */
const LONGEST = 64_000_000

/** Reads server-sent events from chunks cut anywhere; events without data are passed over. */
export class Sse {
  readonly #decoder = new TextDecoder()
  #line = ''
  #name = ''
  #data: string[] = []
  #length = 0
  #isAfterCr = false

  push(chunk: Bytes): SseEvent[] {
    return this.#read(this.#decoder.decode(chunk, { stream: true }))
  }

  /** Gives an event that no empty line has ended. */
  end(): SseEvent[] {
    return [...this.#read(`${this.#decoder.decode()}\n`), ...this.#read('\n')]
  }

  #read(text: string): SseEvent[] {
    const events: SseEvent[] = []
    const isSplitCrLf = this.#isAfterCr && text.startsWith('\n')
    const lines = text.slice(isSplitCrLf ? 1 : 0).split(/\r\n|\r|\n/)
    if (text.length > 0) this.#isAfterCr = text.endsWith('\r')
    const unfinished = lines.pop() ?? ''
    for (const line of lines) {
      const event = this.#take(this.#line + line)
      this.#line = ''
      if (event) events.push(event)
    }
    this.#line += unfinished
    if (this.#line.length + this.#length > LONGEST) {
      throw badReply(`sent an event of over ${LONGEST} characters`, { retryable: false })
    }
    return events
  }

  /** Takes one line; gives the event that it ends. */
  #take(line: string): SseEvent | undefined {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') this.#name = value
    if (field === 'data') {
      this.#data.push(value)
      this.#length += value.length
    }
    return undefined
  }

  #dispatch(): SseEvent | undefined {
    const [name, data] = [this.#name || 'message', this.#data]
    this.#name = ''
    this.#data = []
    this.#length = 0
    return data.length > 0 ? { name, data: data.join('\n') } : undefined
  }
}
