/** Milliseconds since some moment, which no change of the time of day moves; the clock of all that take none. */
export const clock = (): number => performance.now()
