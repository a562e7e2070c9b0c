import cliProgress from 'cli-progress'
import type { Output } from './shell.ts'

/** Shows how far a speech has come; silent where nobody watches. */
export interface Progress extends Disposable {
  /** `seconds` of audio are there, `elapsed` seconds after the start. */
  update(seconds: number, elapsed: number): void
}

/** Draws a bar on a terminal. `expected` is about how many seconds of audio there will be; absent for live text. */
export function progress({ terminal, isTTY }: Output, expected?: number): Progress {
  if (!isTTY || !terminal) return { update() {}, [Symbol.dispose]() {} }
  const bar = new cliProgress.SingleBar(
    {
      stream: terminal,
      format: expected
        ? '{bar} {audio} s of speech, real-time factor {factor}'
        : '{audio} s of speech, real-time factor {factor}',
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false, // Ctrl-C is ours
    },
    cliProgress.Presets.shades_classic,
  )
  bar.start(expected ?? 1, 0, { audio: '0.0', factor: '–' })
  return {
    update(seconds, elapsed) {
      bar.setTotal(Math.max(bar.getTotal(), seconds))
      bar.update(seconds, { audio: seconds.toFixed(1), factor: factor(seconds, elapsed) })
    },
    [Symbol.dispose]: () => bar.stop(),
  }
}

/** Time to make audio over the time it takes to hear it: below 1 is faster than it is heard. */
export const factor = (seconds: number, elapsed: number): string =>
  seconds > 0 ? (elapsed / seconds).toFixed(3) : '–'
