import { SpeechError } from '../errors.ts'
import { type WatchedPcm, type Watcher, watched } from '../guard/watched.ts'
import type { SetTimer } from '../run/set-timer.ts'
import { Stopper } from '../run/stopper.ts'
import type { Claim, Clause, Pcm, Samples, Synthesize, SynthesizeOptions } from '../speech.ts'
import { Alarms } from './alarms.ts'
import { NOBODY } from './lane.ts'
import { Listener } from './listener.ts'
import { Reader, type Shared } from './reader.ts'
import { Piece } from './recording.ts'
import { SharedClaim } from './shared-claim.ts'
import type { Standing } from './urgency.ts'

/** What all flights of one kind have in common. */
export interface FlightDeps {
  /** Told when one joins to whom it matters more, while there is no audio; `clause` is what the call is made with. */
  readonly onLift: (clause: Clause, standing: Standing) => void
  readonly now: () => number
  readonly setTimer: SetTimer
}

export interface FlightOptions {
  readonly synthesize: Synthesize
  /** Of the one it is for. @default nobody's */
  readonly claim: Claim | undefined
  /** Called once, when nobody can join any more: it has ended, well or not, or nobody is left. */
  readonly onOver: () => void
  readonly deps: FlightDeps
}

interface Audio {
  readonly pcm: Pcm
  readonly start: Piece
}

/** Who comes later than this much of the audio makes a call of their own: for as long it is kept for who may come. */
const JOIN_SECONDS = 2

/** One call that many share. Whoever needs more of its audio reads it for all; the last one who leaves ends it. */
export class Flight implements Shared, Watcher {
  readonly #options: FlightOptions
  readonly #listeners = new Map<Listener, Claim>()
  /** Of those who share it, once there are two. */
  #deadlines: Alarms<Listener> | undefined
  readonly #end = new Stopper()
  readonly #clause: Clause
  readonly #claim: SharedClaim
  #audio: Promise<Audio> | undefined
  #call: Promise<Pcm> | undefined
  /** Of the one to whom it matters most. */
  #standing: Standing
  #hasAudio = false
  /** Who reads straight from the host: the only one left of whom nobody can come any more. */
  #alone: Listener | undefined
  /** Whether nobody may join any more, and whether there is nothing left to end. */
  #isClosed = false
  #isOver = false

  /** The one it is for must be the first to join. */
  constructor(first: Clause, options: FlightOptions) {
    const { claim = NOBODY } = options
    this.#options = options
    this.#clause = first
    this.#standing = { index: first.index, priority: claim.priority }
    this.#claim = new SharedClaim(claimFor(first, claim))
  }

  /** Gives the whole audio, from its start, to one more; the first one has the call made. */
  async join(clause: Clause, { signal, claim = NOBODY }: SynthesizeOptions): Promise<Pcm> {
    const listener = new Listener(signal, this)
    const own = claimFor(clause, claim)
    this.#listeners.set(listener, own)
    this.#claim.join(listener, own)
    if (!this.#hasAudio && this.#listeners.size > 1) {
      this.#lift(clause, claim)
      this.#limit(listener)
    }
    try {
      const audio = await listener.wait(() => (this.#audio ??= this.#begin()))
      return new Reader({ shared: this, listener, ...audio })
    } catch (thrown) {
      this.done(listener)
      throw thrown
    } finally {
      this.#deadlines?.delete(listener)
    }
  }

  async #begin(): Promise<Audio> {
    try {
      this.#call = this.#said()
      const pcm = await this.#call
      this.#hasAudio = true
      return { pcm, start: new Piece(NONE, pcm) }
    } catch (thrown) {
      this.over()
      throw thrown
    }
  }

  async #said(): Promise<Pcm> {
    const { synthesize } = this.#options
    const pcm = await synthesize(this.#clause, { signal: this.#end, claim: this.#claim })
    return watched(pcm, this)
  }

  leaveTo(listener: Listener): boolean {
    if (!this.#isClosed || this.#listeners.size > 1) return false
    this.#alone = listener
    return true
  }

  took(_: Samples, { seconds }: WatchedPcm): void {
    if (seconds > JOIN_SECONDS) this.#close()
  }

  over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#call = undefined
    if (this.#alone) this.done(this.#alone)
    this.#close()
  }

  done(listener: Listener): void {
    listener.done()
    this.#forget(listener)
  }

  leave(listener: Listener, reason: unknown): Promise<void> {
    this.#forget(listener)
    if (this.#isOver || this.#listeners.size > 0) return Promise.resolve()
    const free = this.#call?.then(
      (pcm) => pcm.cancel(reason),
      () => {}, // the host is as free as after any failure
    )
    this.over()
    this.#end.abort(reason)
    return free ?? Promise.resolve()
  }

  #lift({ index }: Clause, { priority }: Claim): void {
    const before = this.#standing
    if (index >= before.index && priority <= before.priority) return
    this.#standing = {
      index: Math.min(index, before.index),
      priority: Math.max(priority, before.priority),
    }
    this.#options.deps.onLift(this.#clause, this.#standing)
  }

  /** Lets a deadline end the wait of the one whose it is; the call itself is of use for longer, maybe. */
  #limit(listener: Listener): void {
    const { now, setTimer } = this.#options.deps
    const some = this.#deadlines ? [listener] : this.#listeners.keys()
    const onDue = (late: Listener) => void late.leave(tooLate())
    this.#deadlines ??= new Alarms({ now, setTimer, onDue })
    for (const each of some) {
      const { deadlineAt } = this.#listeners.get(each)!
      if (deadlineAt !== undefined) this.#deadlines.add(each, deadlineAt)
    }
  }

  #forget(listener: Listener): void {
    this.#listeners.delete(listener)
    this.#claim.leave(listener)
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#audio = undefined // of its start, slow ones hold what they have not heard
    this.#options.onOver()
  }
}

const NONE = new Int16Array(0)

/** A deadline is that of a speech's first audio. */
const claimFor = ({ index }: Clause, claim: Claim): Claim =>
  index === 0 || claim.deadlineAt === undefined ? claim : { ...claim, deadlineAt: undefined }

const tooLate = () =>
  new SpeechError('Deadline passed before an equal clause, said for others, had its first audio', {
    code: 'timeout',
    source: 'proxy',
  })
