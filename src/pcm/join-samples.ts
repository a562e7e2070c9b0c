import type { Samples } from '../speech.ts'

/** Puts one stretch of samples behind another; copies only when neither is empty. */
export function joinSamples(head: Samples, tail: Samples): Samples {
  if (head.length === 0) return tail
  if (tail.length === 0) return head
  const whole: Samples = new Int16Array(head.length + tail.length)
  whole.set(head)
  whole.set(tail, head.length)
  return whole
}
