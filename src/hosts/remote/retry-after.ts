/** A host that is well but has too much to do, and does not say for how long, is asked again after this. */
export const BUSY_MS = 1_000

/** No host is waited for longer, whatever it asks. */
const LONGEST_MS = 3_600_000

/**
 * Reads how long a host asks to wait, in milliseconds: seconds or a date, which is measured against the reply's own
 * date where it has one, so that its clock need not be ours. `undefined` when it does not say.
 */
export function retryAfterMs(headers: Headers, { now = Date.now }: { readonly now?: () => number } = {}) {
  const asked = headers.get('retry-after')?.trim() ?? ''
  const sent = Date.parse(headers.get('date') ?? '')
  const isDate = /[A-Za-z]{3}/.test(asked) // runtimes take far more for a date than HTTP does
  const until = isDate ? Date.parse(asked) - (Number.isNaN(sent) ? now() : sent) : Number.NaN
  const ms = /^\d+(\.\d+)?$/.test(asked) ? Number(asked) * 1_000 : until
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_MS)
}
