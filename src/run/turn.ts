let turning: Promise<void> | undefined

/** Lets the event loop turn once, for what is at hand to be sent and others to have theirs. All who wait share a turn. */
export function turn(): Promise<void> {
  turning ??= new Promise((resolve) =>
    setImmediate(() => {
      turning = undefined
      resolve()
    }),
  )
  return turning
}
