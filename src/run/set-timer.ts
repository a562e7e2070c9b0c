/** Rings once after `ms`, unless what it gives is called first. */
export type SetTimer = (ms: number, ring: () => void) => () => void

/** The platform's timer; time that is already past rings at once. */
export const setTimer: SetTimer = (ms, ring) => {
  const timer = setTimeout(ring, Math.max(0, ms)) // Deno warns of less
  return () => clearTimeout(timer)
}
