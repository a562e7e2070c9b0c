import { SpeechError } from '../errors.ts'
import type { SetTimer } from '../run/set-timer.ts'
import type { Claim, Clause, Pcm, Samples, Synthesize, SynthesizeOptions } from '../speech.ts'
import { Alarms } from './alarms.ts'
import { NOBODY } from './lane.ts'
import { Listener } from './listener.ts'
import { type Piece, recording } from './recording.ts'
import { SharedClaim } from './shared-claim.ts'

/** How much a clause matters to one who shares a call for it: by its place in their speech and their priority. */
export type Urgency = Pick<Clause, 'index'> & Pick<Claim, 'priority'>

export interface FlightOptions {
  readonly synthesize: Synthesize
  /** Told when one joins to whom it matters more, while there is no audio; `clause` is what the call is made with. */
  readonly onLift: (clause: Clause, urgency: Urgency) => void
  /** Called once, when nobody can join any more: it has ended, well or not, or nobody is left. */
  readonly onOver: () => void
  readonly now: () => number
  readonly setTimer: SetTimer
}

interface Audio {
  readonly pcm: Pcm
  readonly start: Piece
}

/** Who comes later than this much of the audio makes a call of their own: for as long it is kept for who may come. */
const JOIN_SECONDS = 2

/** One call that many share. Whoever needs more of its audio reads it for all; the last one who leaves ends it. */
export class Flight {
  readonly #options: FlightOptions
  readonly #listeners = new Map<Listener, Claim>()
  readonly #deadlines: Alarms<Listener>
  readonly #end = new AbortController()
  readonly #clause: Clause
  readonly #claim: SharedClaim
  #audio: Promise<Audio> | undefined
  #call: Promise<Pcm> | undefined
  #seconds = 0
  #urgency: Urgency
  #hasAudio = false
  #isShared = false
  /** Whether nobody may join any more, and whether there is nothing left to end. */
  #isClosed = false
  #isOver = false

  /** The one it is for must be the first to join. */
  constructor(
    first: Clause,
    { claim = NOBODY, ...options }: FlightOptions & Pick<SynthesizeOptions, 'claim'>,
  ) {
    const { now, setTimer } = options
    this.#options = options
    this.#clause = first
    this.#urgency = { index: first.index, priority: claim.priority }
    this.#claim = new SharedClaim(claimFor(first, claim))
    this.#deadlines = new Alarms({ now, setTimer, onDue: (listener) => void listener.leave(tooLate()) })
  }

  /** Gives the whole audio, from its start, to one more; the first one has the call made. */
  async join(clause: Clause, { signal, claim = NOBODY }: SynthesizeOptions): Promise<Pcm> {
    const listener: Listener = new Listener({ signal, onLeave: (reason) => this.#left(listener, reason) })
    const own = claimFor(clause, claim)
    this.#listeners.set(listener, own)
    this.#claim.join(listener, own)
    if (!this.#hasAudio && this.#listeners.size > 1) {
      this.#lift(clause, claim)
      this.#limit(listener)
    }
    try {
      return this.#reader(listener, await listener.wait(() => (this.#audio ??= this.#begin())))
    } catch (thrown) {
      this.#done(listener)
      throw thrown
    } finally {
      this.#deadlines.delete(listener)
    }
  }

  async #begin(): Promise<Audio> {
    try {
      const { synthesize } = this.#options
      this.#call = synthesize(this.#clause, { signal: this.#end.signal, claim: this.#claim })
      const pcm = await this.#call
      this.#hasAudio = true
      return { pcm, start: recording(() => this.#read(pcm)) }
    } catch (thrown) {
      this.#over()
      throw thrown
    }
  }

  async #read(pcm: Pcm): Promise<Samples | undefined> {
    try {
      const samples = await pcm.read()
      if (!samples) this.#over()
      else if ((this.#seconds += samples.length / pcm.rate) > JOIN_SECONDS) this.#close()
      return samples
    } catch (thrown) {
      this.#over()
      throw thrown
    }
  }

  #reader(listener: Listener, { pcm, start }: Audio): Pcm {
    let at: Piece | undefined = start
    let isAlone = false
    const next = async () => {
      isAlone ||= this.#isClosed && this.#listeners.size === 1 && at?.isLast === true
      if (isAlone) return this.#read(pcm)
      at = await listener.wait(async () => at?.next())
      return at?.samples
    }
    return {
      rate: pcm.rate,
      speed: pcm.speed,
      read: async () => {
        try {
          listener.throwIfLeft()
          const samples = await next()
          if (!samples) this.#done(listener)
          return samples
        } catch (thrown) {
          this.#done(listener)
          throw thrown
        }
      },
      cancel: (reason) => {
        at = undefined // what only a slow one had not heard yet is freed
        return listener.leave(reason)
      },
    }
  }

  #lift({ index }: Clause, { priority }: Claim): void {
    const before = this.#urgency
    if (index >= before.index && priority <= before.priority) return
    this.#urgency = {
      index: Math.min(index, before.index),
      priority: Math.max(priority, before.priority),
    }
    this.#options.onLift(this.#clause, this.#urgency)
  }

  /** Lets a deadline end the wait of the one whose it is; the call itself is of use for longer, maybe. */
  #limit(listener: Listener): void {
    const some = this.#isShared ? [listener] : this.#listeners.keys()
    this.#isShared = true
    for (const each of some) {
      const { deadlineAt } = this.#listeners.get(each)!
      if (deadlineAt !== undefined) this.#deadlines.add(each, deadlineAt)
    }
  }

  #done(listener: Listener): void {
    listener.done()
    this.#forget(listener)
  }

  #left(listener: Listener, reason: unknown): Promise<void> {
    this.#forget(listener)
    if (this.#isOver || this.#listeners.size > 0) return Promise.resolve()
    const free = this.#call?.then(
      (pcm) => pcm.cancel(reason),
      () => {}, // the host is as free as after any failure
    )
    this.#over()
    this.#end.abort(reason)
    return free ?? Promise.resolve()
  }

  #forget(listener: Listener): void {
    this.#listeners.delete(listener)
    this.#claim.leave(listener)
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#call = undefined
    this.#close()
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#audio = undefined // of its start, slow ones hold what they have not heard
    this.#options.onOver()
  }
}

/** A deadline is that of a speech's first audio. */
const claimFor = ({ index }: Clause, claim: Claim): Claim =>
  index === 0 || claim.deadlineAt === undefined ? claim : { ...claim, deadlineAt: undefined }

const tooLate = () =>
  new SpeechError('Deadline passed before an equal clause, said for others, had its first audio', {
    code: 'timeout',
    source: 'proxy',
  })
