/** No host is waited for longer, whatever it asks. */
const LONGEST_MS = 3_600_000

/**
 * Reads how long a host asks to wait, in milliseconds: seconds or a date, which is measured against the reply's own
 * date where it has one, so that its clock need not be ours. `undefined` when it does not say.
 */
export function retryAfterMs(headers: Headers, { now = Date.now }: { readonly now?: () => number } = {}) {
  const asked = headers.get('retry-after')?.trim() ?? ''
  const sent = Date.parse(headers.get('date') ?? '')
  const ms = /^\d+(\.\d+)?$/.test(asked)
    ? Number(asked) * 1_000
    : Date.parse(asked) - (Number.isNaN(sent) ? now() : sent)
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_MS)
}
