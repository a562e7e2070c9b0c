import { SpeechError } from '../errors.ts'
import type { SetTimer } from '../run/set-timer.ts'
import { Stopper } from '../run/stopper.ts'
import type { Pcm, Signal } from '../speech.ts'

export interface RaceOptions<Runner> {
  /** The caller's. */
  readonly signal: Signal
  readonly ask: (runner: Runner, signal: Signal) => Promise<Pcm>
  readonly setTimer: SetTimer
}

interface Start<Runner> {
  /** How long the first has to itself, in milliseconds. */
  readonly delayMs: number
  /** Gives whom to ask beside it; nobody when `undefined`. */
  readonly second: () => Runner | undefined
}

/** Asks one host, a second one beside it if it is late, and takes what comes first; the other's call is ended. */
export class Race<Runner> {
  readonly #options: RaceOptions<Runner>

  constructor(options: RaceOptions<Runner>) {
    this.#options = options
  }

  /** Resolves with the first audio of either; rejects, when both fail, as the later of them. */
  async run(runner: Runner, { delayMs, second }: Start<Runner>): Promise<Pcm> {
    const leading = this.#call(runner)
    const beside = (await this.#isLate(leading.pcm, delayMs)) ? second() : undefined
    if (beside === undefined) return leading.pcm
    const calls = [leading, this.#call(beside)]
    let failure: unknown
    const winner = await Promise.any(
      calls.map(async (call) => {
        try {
          await call.pcm
          return call
        } catch (thrown) {
          failure = thrown
          throw thrown
        }
      }),
    ).catch(() => {
      throw failure
    })
    for (const call of calls) if (call !== winner) call.lose()
    return winner.pcm
  }

  #call(runner: Runner) {
    const lost = new Stopper()
    lost.follow(this.#options.signal)
    const pcm = this.#options.ask(runner, lost)
    const lose = () => {
      const reason = slower()
      lost.abort(reason)
      pcm.then((late) => late.cancel(reason)).catch(() => {}) // its host frees itself as it does
    }
    return { pcm, lose }
  }

  #isLate(pcm: Promise<Pcm>, delayMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const clear = this.#options.setTimer(delayMs, () => resolve(true))
    const settled = () => {
      clear()
      resolve(false)
    }
    pcm.then(settled, settled)
    return promise
  }
}

const slower = () => new SpeechError('Another host was faster', { code: 'cancelled', source: 'client' }) // no fault of the host's
