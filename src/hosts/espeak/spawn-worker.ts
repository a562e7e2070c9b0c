/**
 * Starts eSpeak's worker, which stands beside this file, and in the binary beside the program. The build and both
 * runtimes find it by exactly this expression.
 */
export const spawnWorker = (): Worker =>
  new Worker(new URL('./espeak-worker.ts', import.meta.url).href, { type: 'module' })
